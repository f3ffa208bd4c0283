import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { type EventStartOption, eventStart } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { addEventFilterOptions, chosenEventFilter, type EventFilterOptions } from "../events/event-filter.ts";
import { parseEventStart, startWords } from "../events/event-start.ts";
import { parseDurationOption } from "../input/duration.ts";
import { wholeNumber } from "../input/numbers.ts";
import type { Shell } from "../terminal/shell.ts";
import { printSubscription } from "./print-subscription.ts";

interface Options extends EventFilterOptions {
  readonly from: EventStartOption;
  readonly queue?: string;
  readonly orderedBy?: string;
  readonly maxAttempts?: number;
  readonly attemptTimeout?: number;
}

/** The command `sitq subscribe`: makes a subscription. */
export function subscribeCommand(shell: Shell): Command {
  const command = newCommand("subscribe", {
    takes: "<name>",
    does: "create a subscription: each matching event becomes a task",
    notes: "--from is required. Repeating the command changes nothing.",
    examples: [
      ["subscribe billing --types 'order.*' --from now", "new events only, into the queue billing"],
      [
        "subscribe mail --types order.created,order.sent --queue mails --from earliest",
        "including all events still kept",
      ],
      ["subscribe stock --types 'order.**' --ordered-by subject --from 2h", "one event of a subject at a time"],
    ],
  });
  addEventFilterOptions(command)
    .requiredOption("--from <start>", `the first event that it gets: ${startWords}`, parseEventStart)
    .option("-q, --queue <name>", "the queue of its deliveries (default: its name)")
    .option(
      "--ordered-by <key>",
      "of the same subject, source_service, correlation_id or attributes.NAME one at a time, in order",
    )
    .option("--max-attempts <number>", "attempts of a delivery (default: the queue's)", wholeNumber(1, 1_000))
    .option("--attempt-timeout <duration>", "time limit of one attempt (default: the queue's)", parseDurationOption);
  return command.action((name: string) =>
    withSession(shell, command, async (session) => {
      const { from, queue, orderedBy, maxAttempts, attemptTimeout, ...filterOptions } = command.opts<Options>();
      const subscription = {
        name,
        filter: chosenEventFilter(filterOptions),
        ...(queue !== undefined && { queue }),
        ...(orderedBy !== undefined && { orderingKey: orderedBy }),
        ...(maxAttempts !== undefined && { maxAttempts }),
        ...(attemptTimeout !== undefined && { attemptTimeout: durationFromMs(attemptTimeout) }),
      };
      const request = { subscription, start: eventStart(from) };
      const answer = await session.client.event.createSubscription(request, briefly);
      await printSubscription(session, answer.subscription);
      if (!answer.created) session.out.remark("Already exists: nothing changed, and --from was ignored.");
    }),
  );
}
