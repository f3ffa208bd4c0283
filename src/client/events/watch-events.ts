import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import {
  type EventFilter,
  type EventFilterSchema,
  type EventStart,
  EventStartSchema,
} from "../../../gen/sitq/v1/event_pb.js";
import type { CallError } from "../../grpc/client/call-error.ts";
import { invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { reconnecting } from "../connection/reconnecting.ts";
import { timeOf } from "../options/spans.ts";
import { ReceivedWatchedEvent, type WatchedEvent } from "../views/event-info.ts";

/** A place among the events to begin at: behind the newest, at the oldest that is kept, at a time, or behind a position. */
export type EventStartOption = "now" | "earliest" | Date | { readonly position: string };

/**
 * A start as the contract has it, for `client.event.createSubscription` and its like.
 *
 * @throws CallError INVALID_ARGUMENT if it is none
 */
export function eventStart(start: EventStartOption): EventStart {
  const message = create(EventStartSchema);
  if (start === "now" || start === "earliest") message.start = { case: start, value: true };
  else if (start instanceof Date) message.start = { case: "time", value: timeOf("start", start) };
  else if (typeof start?.position === "string") message.start = { case: "position", value: start.position };
  else throw invalid("start", `${JSON.stringify(start)} is none of "now", "earliest", a Date, { position }`);
  return message;
}

/** Which events are watched, and from where on. */
export interface WatchEventsOptions {
  /** Where to begin. */
  readonly start: EventStartOption;
  /** Which events. Default: all. */
  readonly filter?: MessageInitShape<typeof EventFilterSchema>;
  /** Ends it: the loop is left without an error. */
  readonly signal?: AbortSignal;
  /** Called when the server has first answered, and after each reconnect. */
  readonly onConnect?: () => void;
  /** Called when a stream has broken, with the error and the delay before the next one, in milliseconds. Outages are logged in any case. */
  readonly onDisconnect?: (error: CallError, delayMs: number) => void;
}

const optionNames: OptionNames<WatchEventsOptions> = {
  start: true,
  filter: true,
  signal: true,
  onConnect: true,
  onDisconnect: true,
};

const filterNames: OptionNames<EventFilter> = {
  $typeName: true,
  $unknown: true,
  types: true,
  sourceService: true,
  subject: true,
  correlationId: true,
  attributes: true,
};

/** What no reconnect can mend. */
const final: readonly number[] = [
  statusCode.INVALID_ARGUMENT,
  statusCode.FAILED_PRECONDITION,
  statusCode.UNIMPLEMENTED,
  statusCode.UNAUTHENTICATED,
  statusCode.PERMISSION_DENIED,
];

/**
 * Yields events as they are stored. It reconnects with its last position, so that none is missed and none comes twice, and reads on
 * as fast as the loop takes them. To continue after a restart, keep the `position` of the last event that was dealt with; to have
 * events delivered durably, subscribe.
 *
 * @throws CallError what no reconnect can mend, such as POSITION_EXPIRED
 */
export async function* watchEvents(
  client: Pick<SitqClient, "event" | "outages">,
  options: WatchEventsOptions,
): AsyncGenerator<WatchedEvent, void> {
  refuseUnknown(options, optionNames);
  const { start, filter = {}, signal, onConnect, onDisconnect } = options;
  refuseUnknown<object>(filter, filterNames);
  let place = start;
  async function* open() {
    yield* client.event.subscribe({ filter, start: eventStart(place) }, { signal });
    throw new Error("The server ended the stream.");
  }
  const messages = reconnecting(signal, open, {
    tries: client.outages.follow("the watch of events"),
    isFinal: ({ code, renewsToken }) => final.includes(code) && !renewsToken,
    ...(onConnect && { onUp: onConnect }),
    ...(onDisconnect && { onDown: onDisconnect }),
  });
  for await (const { events, position } of messages) {
    for (const event of events) yield new ReceivedWatchedEvent(event);
    // What is left of a message when the stream breaks is yielded all the same.
    place = { position };
  }
}
