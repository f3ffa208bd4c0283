import type { Command } from "commander";
import { SubscriptionSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { subscriptionTable } from "./subscription-table.ts";

/** The command `sitq subscriptions`: every subscription. */
export function subscriptionsCommand(shell: Shell): Command {
  const command = newCommand("subscriptions", {
    does: "list the subscriptions with what waits, and when they have caught up",
    notes: [
      "RATE is the deliveries that ended a second in the last minute. CATCH-UP is the time until nothing waits at this rate, less what",
      "comes; never: more comes than ends; ?: it is paused or catching up, and has events to take in that are not counted.",
      "With --json: one subscription per line.",
    ].join("\n"),
    examples: [
      ["subscriptions", "every subscription"],
      ["subscriptions --json | jq -r .name", "only their names"],
    ],
  });
  return command.action(() =>
    withSession(shell, command, async ({ client, out }) => {
      const found = await allItems(async (page) => {
        const answer = await client.event.listSubscriptions(page, briefly);
        return { items: answer.subscriptions, nextPageToken: answer.nextPageToken };
      });
      if (out.asJson) {
        for (const subscription of found) await out.json(messageJson(SubscriptionSchema, subscription));
        return;
      }
      if (found.length === 0) return out.remark("No subscriptions: events are not delivered.");
      await out.line(subscriptionTable(found, out.layout));
    }),
  );
}
