import type { Command } from "commander";
import { eachTask } from "../command/each-task.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { readTaskIds } from "../input/task-ids.ts";
import type { Shell } from "../terminal/shell.ts";

/** The command `sitq delete`: forgets tasks. */
export function deleteCommand(shell: Shell): Command {
  const command = newCommand("delete", {
    takes: "<task-id...>",
    does: "delete tasks that are not running",
    notes: "- reads ids from standard input.",
    examples: [
      ["delete 0f3k9q2m7xa", "one task"],
      ["list --type report.old --ids --all | sitq delete -", "many; see also: sitq purge"],
    ],
  });
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      await eachTask(session, await readTaskIds(args, shell), "not deleted", async (taskId) => {
        await session.client.queue.deleteTask({ taskId }, briefly);
        return { text: `${taskId} deleted`, json: { taskId, deleted: true } };
      });
    }),
  );
}
