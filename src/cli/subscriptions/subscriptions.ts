import type { Command } from "commander";
import { type SitqClient, type Subscription, SubscriptionSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { overviewWakeUps } from "../live/wake-ups.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { stalledHint, subscriptionTable } from "./subscription-table.ts";

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
      ["subscriptions --watch", "live: are they catching up?"],
      ["subscriptions --json | jq -r .name", "only their names"],
    ],
  });
  addWatchOption(command);
  return command.action(() =>
    withSession(shell, command, (session) =>
      show(session, command, subscriptionsView(session.client), overviewWakeUps(session.client)),
    ),
  );
}

function subscriptionsView(client: SitqClient): View<readonly Subscription[]> {
  return {
    items: "subscriptions",
    read: () =>
      allItems(async (page) => {
        const answer = await client.event.listSubscriptions(page, briefly);
        return { items: answer.subscriptions, nextPageToken: answer.nextPageToken };
      }),
    async print(found, out) {
      if (found.length === 0) return out.remark("No subscriptions: events are not delivered.");
      await out.line(subscriptionTable(found, out.layout));
      const hint = stalledHint(found);
      if (hint !== "") out.remark(hint);
    },
    json: (found) => found.map((subscription) => messageJson(SubscriptionSchema, subscription)),
  };
}
