import type { Command } from "commander";
import { type EventStartOption, eventStart } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { parseEventStart } from "../events/event-start.ts";
import type { Shell } from "../terminal/shell.ts";
import { printSubscription } from "./print-subscription.ts";

/** The command `sitq replay`: delivers events again to one subscription. */
export function replayCommand(shell: Shell): Command {
  const command = newCommand("replay", {
    takes: "<subscription>",
    does: "deliver events to one subscription again, from a position on",
    notes: "Earlier deliveries are unchanged; every event from that position on becomes a new delivery.",
    examples: [
      ["replay billing --from 2h", "events of the last two hours"],
      ["replay billing --from earliest", "all events still kept"],
    ],
  });
  command.requiredOption(
    "--from <start>",
    "the first event that it gets again: earliest, how long ago (2h), a time, or the position of an event",
    parseEventStart,
  );
  return command.action((subscription: string) =>
    withSession(shell, command, async (session) => {
      const { from } = command.opts<{ from: EventStartOption }>();
      const answer = await session.client.event.replayEvents({ subscription, start: eventStart(from) }, briefly);
      await printSubscription(session, answer.subscription);
    }),
  );
}
