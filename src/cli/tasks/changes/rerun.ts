import { randomUUID } from "node:crypto";
import { type Command, Option } from "commander";
import { toPayload } from "../../../client/index.ts";
import { newCommand } from "../../command/new-command.ts";
import { briefly, withSession } from "../../command/session.ts";
import { storeOnce } from "../../command/store-once.ts";
import { type PayloadOptions, readPayload } from "../../input/payload.ts";
import type { Shell } from "../../terminal/shell.ts";
import { basicTaskJson } from "../output/task-json.ts";

interface Options extends PayloadOptions {
  readonly requestId?: string;
}

/** The command `sitq rerun`: runs a finished task again, as a new one. */
export function rerunCommand(shell: Shell): Command {
  const command = newCommand("rerun", {
    takes: "<task-id> [payload]",
    does: "run a finished task again, as a new task",
    notes: [
      "The new task has the content of the old one, or another payload; the old one stays as it is.",
      "The payload is JSON unless --text or --binary is given; - reads standard input, @FILE a file.",
    ].join("\n"),
    examples: [
      ["rerun 0f3k9q2m7xa", "with the same payload"],
      [`rerun 0f3k9q2m7xa '{"order": 8}'`, "with another one"],
    ],
  });
  command
    .option("--text", "the payload is text, not JSON")
    .addOption(new Option("--binary", "the payload is bytes").conflicts("text"))
    .option("--request-id <id>", "makes a repeat safe (default: a new UUID)");
  return command.action((taskId: string, argument: string | undefined) =>
    withSession(shell, command, async ({ client, out }) => {
      const options = command.opts<Options>();
      const { requestId = randomUUID() } = options;
      const payload = argument === undefined ? undefined : toPayload(await readPayload(argument, options, shell));
      const { task, created } = await storeOnce(client.address, `--request-id ${requestId}`, () =>
        client.queue.rerunTask({ taskId, requestId, ...(payload && { payload }) }, briefly),
      );
      if (out.asJson) return out.json({ task: task ? basicTaskJson(task) : {}, created, requestId });
      await out.line(task?.id ?? "");
      if (!created) out.remark("Already exists: no second task was created.");
    }),
  );
}
