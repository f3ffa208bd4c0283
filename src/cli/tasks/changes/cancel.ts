import type { Command } from "commander";
import { eachTask } from "../../command/each-task.ts";
import { newCommand } from "../../command/new-command.ts";
import { briefly, patiently, withSession } from "../../command/session.ts";
import type { Shell } from "../../terminal/shell.ts";
import { basicTaskJson } from "../output/task-json.ts";
import { stateWord } from "../output/task-words.ts";
import { addBulkOptions, type BulkOptions, changeTasks } from "./change-matching.ts";

interface Options extends BulkOptions {
  readonly reason: string;
}

/** The command `sitq cancel`: calls tasks off, by id or by filter. */
export function cancelCommand(shell: Shell): Command {
  const command = newCommand("cancel", {
    takes: "[task-id...]",
    does: "cancel tasks in any state",
    notes: [
      "A running handler is signalled to stop. - reads ids from standard input.",
      "By filter, unfinished tasks; counts them first and asks.",
    ].join("\n"),
    examples: [
      ["cancel 0f3k9q2m7xa --reason 'wrong address'", "one task"],
      ["cancel --queue orders --state pending --dry-run", "count only"],
      ["cancel --queue orders --running-for 30m --yes", "what hangs, without asking"],
    ],
  });
  addBulkOptions(command).option("--reason <text>", "reason, shown in the task and passed to its handler", "");
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      const options = command.opts<Options>();
      const { reason } = options;
      const { queue } = session.client;
      await changeTasks(session, args, options, {
        verb: "cancel",
        participle: "cancelled",
        states: "unfinished",
        call: (request) => queue.cancelTasks({ ...request, reason }, patiently),
        changeEach: (taskIds) =>
          eachTask(session, taskIds, "not cancelled", async (taskId) => {
            const { task } = await queue.cancelTask({ taskId, reason }, briefly);
            return { text: `${taskId} ${task ? stateWord(task.state) : ""}`, json: task ? basicTaskJson(task) : {} };
          }),
      });
    }),
  );
}
