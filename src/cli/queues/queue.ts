import { create } from "@bufbuild/protobuf";
import type { Command } from "commander";
import { type Queue, QueueSchema, type SitqClient } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { overviewWakeUps } from "../live/wake-ups.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { queueDetails } from "./queue-details.ts";
import { unattendedHint } from "./queue-table.ts";

/** The command `sitq queue`: all that is known of one queue. */
export function queueCommand(shell: Shell): Command {
  const command = newCommand("queue", {
    takes: "<queue>",
    does: "show a queue with its settings",
    examples: [["queue orders", "counts, limits, retention"]],
  });
  addWatchOption(command);
  return command.action((name: string) =>
    withSession(shell, command, (session) =>
      show(session, command, queueView(session.client, name), overviewWakeUps(session.client, name)),
    ),
  );
}

function queueView(client: SitqClient, name: string): View<Queue> {
  return {
    items: null,
    async read() {
      const { queue } = await client.queue.getQueue({ name }, briefly);
      return queue ?? create(QueueSchema, { name });
    },
    async print(queue, out) {
      await out.line(queueDetails(queue, out.layout));
      const hint = unattendedHint([queue]);
      if (hint !== "") out.remark(`\n${hint}`);
    },
    json: (queue) => [messageJson(QueueSchema, queue)],
  };
}
