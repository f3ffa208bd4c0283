import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import { type Explanation, type SitqClient, type Task, TaskSchema } from "../../client/index.ts";
import { jsonText } from "../../contract/json-text.ts";
import { isContentHidden } from "../command/hidden-content.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { taskWakeUps } from "../live/wake-ups.ts";
import type { Printer } from "../terminal/printer.ts";
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
      ["get 0f3k9q2m7xa --watch", "live, with its progress"],
      ["get 0f3k9q2m7xa --json | jq .lastError", "for a script"],
    ],
  });
  addWatchOption(command);
  return command.action((taskId: string) =>
    withSession(shell, command, (session) =>
      show(session, command, taskView(session.client, taskId, session.out), taskWakeUps(session.client, taskId)),
    ),
  );
}

interface ShownTask {
  readonly task: Task;
  readonly explanation: Explanation | undefined;
  readonly isHidden: boolean;
}

function taskView(client: SitqClient, taskId: string, { asJson }: Printer): View<ShownTask> {
  return {
    items: null,
    async read() {
      const { task = create(TaskSchema, { id: taskId }) } = await client.queue.getTask({ taskId }, briefly);
      if (asJson) return { task, explanation: undefined, isHidden: false };
      const of = { kind: "queues", names: [task.queue] } as const;
      const isHidden = task.payload === undefined && (await isContentHidden(client, of));
      return { task, explanation: await explanationOf(client, task), isHidden };
    },
    print: ({ task, ...shown }, out) => out.line(taskDetails(task, out.layout, shown)),
    json: ({ task }) => [taskJson(task)],
    key: ({ task, explanation }) => jsonText([taskJson(task), explanation?.message ?? ""]),
  };
}
