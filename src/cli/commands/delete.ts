import type { Command } from "commander";
import { eachTask } from "../each-task.ts";
import { readTaskIds } from "../input/task-ids.ts";
import { newCommand } from "../new-command.ts";
import { briefly, withSession } from "../session.ts";
import type { Shell } from "../shell.ts";

/** The command `sitq delete`: forgets tasks. */
export function deleteCommand(shell: Shell): Command {
  const command = newCommand("delete", {
    takes: "<task-id...>",
    does: "forget tasks that do not run",
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
