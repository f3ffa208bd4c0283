import type { Command } from "commander";
import { type Queue, QueueSchema, type SitqClient } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { overviewWakeUps } from "../live/wake-ups.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { queueTable, unattendedHint } from "./queue-table.ts";

/** The command `sitq queues`: every queue with what it holds. */
export function queuesCommand(shell: Shell): Command {
  const command = newCommand("queues", {
    does: "list the queues with their counts",
    notes: "Warns where tasks wait in a queue without workers. With --json: one queue per line.",
    examples: [
      ["queues", "every queue"],
      ["queues --watch", "live"],
      [`queues --json | jq -r 'select(.paused).name'`, "which are paused?"],
    ],
  });
  addWatchOption(command);
  return command.action(() =>
    withSession(shell, command, (session) =>
      show(session, command, queuesView(session.client), overviewWakeUps(session.client)),
    ),
  );
}

function queuesView(client: SitqClient): View<readonly Queue[]> {
  return {
    items: "queues",
    read: () =>
      allItems(async (page) => {
        const answer = await client.queue.listQueues(page, briefly);
        return { items: answer.queues, nextPageToken: answer.nextPageToken };
      }),
    async print(queues, out) {
      if (queues.length === 0) return out.remark("No queues yet: a queue is created by its first task or worker.");
      await out.line(queueTable(queues, out.layout));
      const hint = unattendedHint(queues);
      if (hint !== "") out.remark(hint);
    },
    json: (queues) => queues.map((queue) => messageJson(QueueSchema, queue)),
  };
}
