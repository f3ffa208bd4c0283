import { type Event, EventSchema } from "../../../gen/sitq/v1/event_pb.js";
import { PublishRequestSchema } from "../../../gen/sitq/v1/event_service_pb.js";
import type { AttributeValue } from "../../contract/json-value.ts";
import { checked, invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { codecOf } from "../../grpc/message-codec.ts";
import { type EncodedItem, encodeItem } from "../connection/encoded-items.ts";
import { timeOf } from "../options/spans.ts";
import { plainTask, type TaskDefinition } from "../tasks/task-definition.ts";
import { attributesWithTrace } from "../tracing/event-trace.ts";
import { toAttributes } from "../values/event-attributes.ts";

/** What can be said of a new event. The bounds are those of `sitq.v1.Event`. */
export interface EventOptions {
  /** Its name within its source: the same again makes no second event, also by another process. Default: one of the SDK's own. */
  readonly id?: string;
  /** The service that publishes it. Default: the client's. */
  readonly sourceService?: string;
  /** What it happened to: an order's number. */
  readonly subject?: string;
  /** When it happened. Default: when it is stored. */
  readonly time?: Date;
  /** Ties together everything that one request set off. */
  readonly correlationId?: string;
  /** What caused it: the id of an event, a task or a workflow. */
  readonly causationId?: string;
  /** What CloudEvents calls extension attributes: names of 1 to 20 lower case letters and digits. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** All that can be said of one. */
export const eventOptionNames: OptionNames<EventOptions> = {
  id: true,
  sourceService: true,
  subject: true,
  time: true,
  correlationId: true,
  causationId: true,
  attributes: true,
};

/** The type of an event and how its data travels: any definition that `jsonTask` and `defineTask` make. */
export type EventDefinition<Data> = TaskDefinition<Data, unknown, never, unknown>;

/** The arguments of `newEvent`: a definition or a bare type, the data, the options. */
export type EventArguments = readonly [event: EventDefinition<never> | string, data?: unknown, options?: EventOptions];

/**
 * Makes an event for `publish` and `publishAll`.
 *
 * @throws CallError INVALID_ARGUMENT if a value does not fit
 */
export function newEvent<Data>(event: EventDefinition<Data>, data: Data, options?: EventOptions): Event;
export function newEvent(type: string, data?: unknown, options?: EventOptions): Event;
export function newEvent(...[event, data, options = {}]: EventArguments): Event {
  refuseUnknown(options, eventOptionNames);
  return eventFrom(event, data, options);
}

/** The event that the arguments mean; the options have been looked at. @throws CallError INVALID_ARGUMENT if a value does not fit */
export function eventFrom(event: EventDefinition<never> | string, data: unknown, options: EventOptions): Event {
  const { type, input } = (typeof event === "string" ? plainTask(event) : event) ?? {};
  if (type === undefined || input === undefined)
    throw invalid("event.type", "is required: a text, or what eventType made");
  const message = codecOf(EventSchema).blank();
  message.type = type;
  // The overloads have checked the value against the definition.
  message.data = checked("event.data", () => input.encode(data as never));
  message.id = options.id ?? "";
  message.sourceService = options.sourceService ?? "";
  message.subject = options.subject ?? "";
  message.correlationId = options.correlationId ?? "";
  message.causationId = options.causationId ?? "";
  const { time, attributes } = options;
  if (time !== undefined) message.time = timeOf("event.time", time);
  if (attributes !== undefined) message.attributes = checked("event.attributes", () => toAttributes(attributes));
  return message;
}

/**
 * Encodes the request for an event, with what it leaves out filled in.
 *
 * @param trace attributes that are added
 * @throws CallError INVALID_ARGUMENT if a value cannot be encoded
 */
export function encodeNewEvent(
  event: Event,
  id: string,
  sourceService: string,
  trace?: Readonly<Record<string, string>> | null,
): EncodedItem {
  const request = codecOf(PublishRequestSchema).blank();
  const attributes = trace == null ? event.attributes : attributesWithTrace(event.attributes, trace);
  request.event = { ...event, id, sourceService, attributes };
  return checked("event", () => encodeItem(PublishRequestSchema, request));
}
