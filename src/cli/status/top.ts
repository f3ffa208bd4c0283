import type { Command } from "commander";
import { QueueOrder, QueueOverviewSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, type Session, withSession } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import { hasScreen } from "../terminal/screen.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { overviewTable } from "./overview-table.ts";
import { TopSession } from "./top-session.ts";
import { noQueues } from "./top-view.ts";

interface TopOptions {
  readonly name?: string;
}

/** The command `sitq top`: every queue, live. */
export function topCommand(shell: Shell): Command {
  const command = newCommand("top", {
    does: "watch the queues live, those with problems first, and act on them",
    notes:
      "Keys: j, k or arrows move, enter looks inside, p pauses or resumes, d drains a worker, q quits. " +
      "It shows the first 200 queues. Without a terminal it prints one table of all. With --json: one queue per line.",
    examples: [
      ["top", "live"],
      ["top --name mail", "only queues with this in their name"],
      ["top | head -20", "once, for a script"],
    ],
  });
  command.option("--name <part>", "only queues with this in their name, in upper or lower case");
  return command.action(() =>
    withSession(shell, command, (session) => {
      const { name = "" } = command.opts<TopOptions>();
      if (session.out.asJson || !hasScreen(shell)) return printOnce(session, name);
      return interruptible(shell, (interrupted) => new TopSession(session, name).run(interrupted));
    }),
  );
}

async function printOnce({ client, out }: Session, nameContains: string): Promise<void> {
  const queues = await allItems(async (page) => {
    const request = { ...page, order: QueueOrder.PROBLEMS_FIRST, nameContains };
    const answer = await client.monitor.getOverview(request, briefly);
    return { items: answer.queues, nextPageToken: answer.nextPageToken };
  });
  if (out.asJson) {
    for (const queue of queues) await out.json(messageJson(QueueOverviewSchema, queue));
    return;
  }
  if (queues.length === 0) return out.remark(noQueues(nameContains));
  await out.line(overviewTable(queues, out.layout, Date.now()));
}
