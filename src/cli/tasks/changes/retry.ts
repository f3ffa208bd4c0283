import type { Command } from "commander";
import { eachTask } from "../../command/each-task.ts";
import { newCommand } from "../../command/new-command.ts";
import { briefly, patiently, withSession } from "../../command/session.ts";
import type { Shell } from "../../terminal/shell.ts";
import { basicTaskJson } from "../output/task-json.ts";
import { stateWord } from "../output/task-words.ts";
import { addBulkOptions, type BulkOptions, changeTasks } from "./change-matching.ts";

/** The command `sitq retry`: puts finished tasks back, by id or by filter. */
export function retryCommand(shell: Shell): Command {
  const command = newCommand("retry", {
    takes: "[task-id...]",
    does: "retry failed or cancelled tasks, with fresh attempts",
    notes: [
      "By id (- reads ids from standard input); a retry that is scheduled is brought forward to now.",
      "Tasks are retried in the order of their creation.",
      "By filter, FAILED tasks unless --state is given; counts them first by their kinds of error and asks.",
    ].join("\n"),
    examples: [
      ["retry 0f3k9q2m7xa", "one task"],
      ["retry --queue orders --since 2h --dry-run", "count only"],
      ["retry --queue orders --error GatewayTimeout --yes", "without asking, for scripts"],
    ],
  });
  addBulkOptions(command);
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      const { queue } = session.client;
      await changeTasks(session, args, command.opts<BulkOptions>(), {
        verb: "retry",
        participle: "retried",
        states: "FAILED",
        call: (request) => queue.retryTasks(request, patiently),
        // Ids sort by the time of creation, and a listing has the newest first.
        changeEach: (taskIds) =>
          eachTask(session, [...taskIds].sort(), "not retried", async (taskId) => {
            const { task } = await queue.retryTask({ taskId }, briefly);
            return { text: `${taskId} ${task ? stateWord(task.state) : ""}`, json: task ? basicTaskJson(task) : {} };
          }),
      });
    }),
  );
}
