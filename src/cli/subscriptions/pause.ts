import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { printSubscription } from "./print-subscription.ts";

/** The command `sitq subscription pause`: events wait. */
export function pauseSubscriptionCommand(shell: Shell): Command {
  const command = newCommand("pause", {
    takes: "<subscription>",
    does: "pause a subscription: events are kept and wait",
    notes: "Existing deliveries are still handed out; sitq pause QUEUE stops them.",
    examples: [["subscription pause billing", "until sitq subscription resume billing"]],
  });
  return setPaused(shell, command, true);
}

/** The command `sitq subscription resume`: it catches up. */
export function resumeSubscriptionCommand(shell: Shell): Command {
  const command = newCommand("resume", {
    takes: "<subscription>",
    does: "resume a paused subscription: it catches up with waiting events",
    notes: "Each event is matched by the filter that the subscription had when it was published.",
    examples: [["subscription resume billing", "no event is lost"]],
  });
  return setPaused(shell, command, false);
}

function setPaused(shell: Shell, command: Command, paused: boolean): Command {
  return command.action((name: string) =>
    withSession(shell, command, async (session) => {
      const request = { subscription: { name, paused }, updateMask: { paths: ["paused"] } };
      const { subscription } = await session.client.event.updateSubscription(request, briefly);
      await printSubscription(session, subscription);
    }),
  );
}
