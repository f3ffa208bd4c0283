import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import type { Shell } from "../terminal/shell.ts";
import { pauseSubscriptionCommand, resumeSubscriptionCommand } from "./pause.ts";
import { showSubscriptionCommand } from "./show.ts";
import { updateSubscriptionCommand } from "./update.ts";

/** The command `sitq subscription`: what is done with one. */
export function subscriptionCommand(shell: Shell): Command {
  const command = newCommand("subscription", {
    does: "show, change, pause or resume a subscription",
    notes: "Create one: sitq subscribe. Delete one: sitq unsubscribe. List them: sitq subscriptions.",
    examples: [
      ["subscription show billing", "its position and backlog"],
      ["subscription update billing --types 'order.**,invoice.**'", "another filter, from now on"],
      ["subscription pause billing", "events wait for it"],
    ],
  });
  for (const below of [
    showSubscriptionCommand(shell),
    updateSubscriptionCommand(shell),
    pauseSubscriptionCommand(shell),
    resumeSubscriptionCommand(shell),
  ]) {
    command.addCommand(below);
  }
  return command;
}
