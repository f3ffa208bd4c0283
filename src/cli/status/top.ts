import type { Command } from "commander";
import { QueueOverviewSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, type Session, withSession } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import { hasScreen } from "../terminal/screen.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { overviewTable } from "./overview-table.ts";
import { TopSession } from "./top-session.ts";

/** The command `sitq top`: every queue, live. */
export function topCommand(shell: Shell): Command {
  const command = newCommand("top", {
    does: "watch all queues live, and act on them",
    notes:
      "Keys: j, k or arrows move, enter looks inside, p pauses or resumes, d drains a worker, q quits. " +
      "Without a terminal it prints one table. With --json: one queue per line.",
    examples: [
      ["top", "live"],
      ["top | head -20", "once, for a script"],
    ],
  });
  return command.action(() =>
    withSession(shell, command, (session) => {
      if (session.out.asJson || !hasScreen(shell)) return printOnce(session);
      return interruptible(shell, (interrupted) => new TopSession(session).run(interrupted));
    }),
  );
}

async function printOnce({ client, out }: Session): Promise<void> {
  const queues = await allItems(async (page) => {
    const answer = await client.monitor.getOverview(page, briefly);
    return { items: answer.queues, nextPageToken: answer.nextPageToken };
  });
  if (out.asJson) {
    for (const queue of queues) await out.json(messageJson(QueueOverviewSchema, queue));
    return;
  }
  if (queues.length === 0) return out.remark("No queues yet: a queue is created by its first task or worker.");
  await out.line(overviewTable(queues, out.layout, Date.now()));
}
