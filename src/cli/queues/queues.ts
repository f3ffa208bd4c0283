import type { Command } from "commander";
import { QueueSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
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
      [`queues --json | jq -r 'select(.paused).name'`, "which are paused?"],
    ],
  });
  return command.action(() =>
    withSession(shell, command, async ({ client, out }) => {
      const queues = await allItems(async (page) => {
        const answer = await client.queue.listQueues(page, briefly);
        return { items: answer.queues, nextPageToken: answer.nextPageToken };
      });
      if (out.asJson) {
        for (const queue of queues) await out.json(messageJson(QueueSchema, queue));
        return;
      }
      if (queues.length === 0) return out.remark("No queues yet: a queue is created by its first task or worker.");
      await out.line(queueTable(queues, out.layout));
      const hint = unattendedHint(queues);
      if (hint !== "") out.remark(hint);
    }),
  );
}
