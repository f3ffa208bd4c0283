import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { printSubscription } from "./print-subscription.ts";
import { stalledHint } from "./subscription-table.ts";

/** The command `sitq subscription show`: one subscription. */
export function showSubscriptionCommand(shell: Shell): Command {
  const command = newCommand("show", {
    takes: "<subscription>",
    does: "show a subscription: its position and backlog",
    notes: "WAITING counts deliveries, without the events that a paused subscription has not taken in.",
    examples: [["subscription show billing --json | jq .position", "the position up to which it has taken in events"]],
  });
  return command.action((name: string) =>
    withSession(shell, command, async (session) => {
      const { subscription } = await session.client.event.getSubscription({ name }, briefly);
      await printSubscription(session, subscription);
      if (subscription === undefined || session.out.asJson) return;
      await session.out.line(`\nPosition  ${subscription.position}`);
      const hint = stalledHint([subscription]);
      if (hint !== "") session.out.remark(hint);
    }),
  );
}
