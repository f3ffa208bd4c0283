import type { Command } from "commander";
import { type SitqClient, WorkerSchema, type WorkerView } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import { jsonWithout, type View } from "../live/view.ts";
import { overviewWakeUps } from "../live/wake-ups.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { workerTable } from "./worker-table.ts";

/** The command `sitq workers`: who works, and how that goes. */
export function workersCommand(shell: Shell): Command {
  const command = newCommand("workers", {
    does: "list the workers with their load and how their last tasks ended",
    notes: [
      "DONE, FAILED, LOST (leases), MEDIAN and P95 (run time) are of the last five minutes, of a lost worker those until it was lost;",
      "OLDEST is how long the oldest of its tasks has been running. DISCONNECTED: its stream is closed; it keeps its tasks until their leases end. LOST: they ended,",
      "or it fell silent; it stays listed for an hour, unless it comes back. CLAIMING: it has no stream, and claims by single calls; listed",
      "for five minutes after the last one. SERVER, where several share one PostgreSQL, is the one that it is at. With --json: one worker per line.",
    ].join("\n"),
    examples: [
      ["workers", "all of them"],
      ["workers --queue orders", "of one queue"],
      ["workers --watch", "live"],
    ],
  });
  addWatchOption(command).option("-q, --queue <name>", "only workers of this queue", "");
  return command.action(() =>
    withSession(shell, command, (session) => {
      const { queue } = command.opts<{ readonly queue: string }>();
      return show(session, command, workersView(session.client, queue), overviewWakeUps(session.client, queue));
    }),
  );
}

function workersView(client: SitqClient, queue: string): View<readonly WorkerView[]> {
  const json = (workers: readonly WorkerView[]) => workers.map((worker) => messageJson(WorkerSchema, worker));
  return {
    items: "workers",
    read: () =>
      allItems(async (page) => {
        const answer = await client.worker.listWorkers({ queue, includeLost: true, ...page }, briefly);
        return { items: answer.workers, nextPageToken: answer.nextPageToken };
      }),
    async print(workers, out) {
      if (workers.length > 0) return out.line(workerTable(workers, out.layout));
      const start = `sitq work ${queue || "QUEUE"} --exec 'COMMAND'`;
      out.remark(`No workers${queue === "" ? "" : ` for ${queue}`}. Start one: ${start}`);
    },
    json,
    key: (workers) => jsonWithout(json(workers), "lastSeenTime"),
  };
}
