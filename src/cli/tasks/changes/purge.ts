import type { Command } from "commander";
import { newCommand } from "../../command/new-command.ts";
import { patiently, withSession } from "../../command/session.ts";
import { chosenFilter } from "../../input/task-filter.ts";
import type { Shell } from "../../terminal/shell.ts";
import { addBulkOptions, type BulkOptions, changeMatching } from "./change-matching.ts";

/** The command `sitq purge`: deletes the tasks of a queue. */
export function purgeCommand(shell: Shell): Command {
  const command = newCommand("purge", {
    takes: "<queue>",
    does: "delete the tasks of a queue, except running ones",
    notes: "Counts them first by their kinds of error and asks.",
    examples: [
      ["purge orders --dry-run", "count only"],
      ["purge orders --state failed --yes", "failed tasks, without asking"],
      ["purge orders --error NoSuchOrder", "those with one kind of error"],
    ],
  });
  addBulkOptions(command, { queue: true });
  return command.action((name: string) =>
    withSession(shell, command, async (session) => {
      const options = command.opts<BulkOptions>();
      await changeMatching(
        session,
        chosenFilter(options) ?? {},
        { ...options, queue: name },
        {
          verb: "delete",
          participle: "deleted",
          call: ({ filter, dryRun }) => session.client.queue.purgeQueue({ name, filter, dryRun }, patiently),
        },
      );
    }),
  );
}
