import type { Command } from "commander";
import { type Subscription, SubscriptionSchema } from "../../client/index.ts";
import { newCommand } from "../new-command.ts";
import { messageJson } from "../output/json.ts";
import { subscriptionTable } from "../output/subscription-table.ts";
import { pagesOf } from "../pages.ts";
import { briefly, withSession } from "../session.ts";
import type { Shell } from "../shell.ts";

/** The command `sitq subscriptions`: who is told of what. */
export function subscriptionsCommand(shell: Shell): Command {
  const command = newCommand("subscriptions", {
    does: "list the subscriptions",
    notes: "With --json: one subscription a line.",
    examples: [
      ["subscriptions", "who is told of what"],
      ["subscriptions --json | jq -r .name", "only their names"],
    ],
  });
  return command.action(() =>
    withSession(shell, command, async ({ client, out }) => {
      const found: Subscription[] = [];
      const pages = pagesOf(Number.POSITIVE_INFINITY, async (pageSize, pageToken) => {
        const answer = await client.event.listSubscriptions({ pageSize, pageToken }, briefly);
        return { items: answer.subscriptions, nextPageToken: answer.nextPageToken };
      });
      for await (const { items } of pages) found.push(...items);
      if (out.asJson) {
        for (const subscription of found) await out.json(messageJson(SubscriptionSchema, subscription));
        return;
      }
      if (found.length === 0) return out.remark("There are no subscriptions: nobody is told of events.");
      await out.line(subscriptionTable(found, out.layout));
    }),
  );
}
