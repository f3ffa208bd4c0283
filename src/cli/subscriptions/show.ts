import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { printSubscription } from "./print-subscription.ts";

/** The command `sitq subscription show`: one subscription. */
export function showSubscriptionCommand(shell: Shell): Command {
  const command = newCommand("show", {
    takes: "<subscription>",
    does: "show a subscription: how far it is, and how much waits for it",
    notes: "WAITING counts deliveries; events that a paused one has not taken in are not among them.",
    examples: [["subscription show billing --json | jq .position", "up to where it has taken events in"]],
  });
  return command.action((name: string) =>
    withSession(shell, command, async (session) => {
      const { subscription } = await session.client.event.getSubscription({ name }, briefly);
      await printSubscription(session, subscription);
    }),
  );
}
