import type { Command } from "commander";
import { eachTask } from "../../command/each-task.ts";
import { newCommand } from "../../command/new-command.ts";
import { briefly, patiently, withSession } from "../../command/session.ts";
import type { Shell } from "../../terminal/shell.ts";
import { addBulkOptions, type BulkOptions, changeTasks } from "./change-matching.ts";

/** The command `sitq delete`: forgets tasks, by id or by filter. */
export function deleteCommand(shell: Shell): Command {
  const command = newCommand("delete", {
    takes: "[task-id...]",
    does: "delete tasks that are not running",
    notes: "- reads ids from standard input. By filter it counts the tasks first and asks; running ones are kept.",
    examples: [
      ["delete 0f3k9q2m7xa", "one task"],
      ["delete --type report.old --dry-run", "count only"],
      ["delete --queue orders --error NoSuchOrder --yes", "without asking; see also: sitq purge"],
    ],
  });
  addBulkOptions(command);
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      const { queue } = session.client;
      await changeTasks(session, args, command.opts<BulkOptions>(), {
        verb: "delete",
        participle: "deleted",
        call: (request) => queue.deleteTasks(request, patiently),
        changeEach: (taskIds) =>
          eachTask(session, taskIds, "not deleted", async (taskId) => {
            await queue.deleteTask({ taskId }, briefly);
            return { text: `${taskId} deleted`, json: { taskId, deleted: true } };
          }),
      });
    }),
  );
}
