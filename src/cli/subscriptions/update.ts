import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { addEventFilterOptions, chosenEventFilter, type EventFilterOptions } from "../events/event-filter.ts";
import { parseDurationOption } from "../input/duration.ts";
import { wholeNumber } from "../input/numbers.ts";
import type { Shell } from "../terminal/shell.ts";
import { printSubscription } from "./print-subscription.ts";

interface Options extends EventFilterOptions {
  readonly every?: boolean;
  readonly maxAttempts?: number;
  readonly attemptTimeout?: number;
}

/** The command `sitq subscription update`: changes one in place. */
export function updateSubscriptionCommand(shell: Shell): Command {
  const command = newCommand("update", {
    takes: "<subscription>",
    does: "change a subscription in place, without losing or repeating deliveries",
    notes: [
      "A new filter replaces the whole old one, for events published from now on.",
      "Existing deliveries are unchanged.",
    ].join("\n"),
    examples: [
      ["subscription update billing --types 'order.**,invoice.**'", "another filter"],
      ["subscription update billing --every", "no filter: every event"],
      ["subscription update billing --max-attempts 10", "the filter stays"],
    ],
  });
  addEventFilterOptions(command)
    .option("--every", "every event: no filter")
    .option("--max-attempts <number>", "attempts of a delivery; 0: the queue's", wholeNumber(0, 1_000))
    .option("--attempt-timeout <duration>", "time limit of one attempt", parseDurationOption);
  return command.action((name: string) =>
    withSession(shell, command, async (session) => {
      const { every = false, maxAttempts, attemptTimeout, ...filterOptions } = command.opts<Options>();
      const filter = chosenEventFilter(filterOptions);
      const isFiltered = Object.keys(filter).length > 0;
      if (every && isFiltered) throw wrongUsage("say --every or a filter, not both");
      const paths = [
        ...(every || isFiltered ? ["filter"] : []),
        ...(maxAttempts === undefined ? [] : ["max_attempts"]),
        ...(attemptTimeout === undefined ? [] : ["attempt_timeout"]),
      ];
      if (paths.length === 0) {
        throw wrongUsage("nothing to change was given", { hint: "See: sitq subscription update --help" });
      }
      const subscription = {
        name,
        filter,
        ...(maxAttempts !== undefined && { maxAttempts }),
        ...(attemptTimeout !== undefined && { attemptTimeout: durationFromMs(attemptTimeout) }),
      };
      const request = { subscription, updateMask: { paths } };
      const answer = await session.client.event.updateSubscription(request, briefly);
      await printSubscription(session, answer.subscription);
    }),
  );
}
