import type { Command } from "commander";
import { isContentHidden } from "../command/hidden-content.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { explanationOf } from "./output/explanation-words.ts";
import { taskDetails } from "./output/task-details.ts";
import { taskJson } from "./output/task-json.ts";

/** The command `sitq get`: all that is known of one task. */
export function getCommand(shell: Shell): Command {
  const command = newCommand("get", {
    takes: "<task-id>",
    does: "show a task with its attempts, payload and result",
    examples: [
      ["get 0f3k9q2m7xa", "payload, result, attempts, errors"],
      ["get 0f3k9q2m7xa --json | jq .lastError", "for a script"],
    ],
  });
  return command.action((taskId: string) =>
    withSession(shell, command, async ({ client, out }) => {
      const { task } = await client.queue.getTask({ taskId }, briefly);
      if (task === undefined) return;
      if (out.asJson) return out.json(taskJson(task));
      const isHidden =
        task.payload === undefined && (await isContentHidden(client, { kind: "queues", names: [task.queue] }));
      await out.line(taskDetails(task, out.layout, { explanation: await explanationOf(client, task), isHidden }));
    }),
  );
}
