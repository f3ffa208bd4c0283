import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { printQueue } from "./print-queue.ts";
import { unattendedHint } from "./queue-table.ts";

/** The command `sitq queue`: all that is known of one queue. */
export function queueCommand(shell: Shell): Command {
  const command = newCommand("queue", {
    takes: "<queue>",
    does: "show a queue with its settings",
    examples: [["queue orders", "counts, limits, retention"]],
  });
  return command.action((name: string) =>
    withSession(shell, command, async (session) => {
      const { queue } = await session.client.queue.getQueue({ name }, briefly);
      await printQueue(session, queue);
      const hint = queue === undefined ? "" : unattendedHint([queue]);
      if (hint !== "") session.out.remark(`\n${hint}`);
    }),
  );
}
