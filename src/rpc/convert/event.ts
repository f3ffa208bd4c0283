import { create } from "@bufbuild/protobuf";
import type { Value } from "@bufbuild/protobuf/wkt";
import { EventSchema, type Event as WireEvent } from "../../../gen/sitq/v1/event_pb.js";
import { type AttributeValue, fromScalar, isInt32, toScalar } from "../../contract/json-value.ts";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import type { EventTime, NewEvent, StoredEvent } from "../../domain/events/event.ts";
import {
  checkAttributeName,
  checkCount,
  parseOptionalText,
  parseRequestId,
  parseTaskType,
  parseText,
} from "./checks.ts";
import { fromPayload, toListedPayloads } from "./payload.ts";
import { fromTimestamp, toTimestamp } from "./times.ts";
import { converted, refuseField } from "./violations.ts";

/** The names that CloudEvents, and the mapping to them, give to what stands in fields of its own here. */
const takenNames: readonly string[] = [
  "id",
  "source",
  "specversion",
  "type",
  "subject",
  "time",
  "data",
  "correlationid",
  "causationid",
  "protobuftype",
];
/** Attributes of CloudEvents whose type is fixed. */
const textAttributes: readonly string[] = ["datacontenttype", "dataschema"];

/** What the conversion has to know. */
export interface EventRules {
  readonly maxPayloadBytes: number;
}

/** The event that a publisher sends. @throws SitqError with the field's path below `event` */
export function fromEvent(event: WireEvent | undefined, rules: EventRules): NewEvent {
  return converted(() => toNewEvent(event, rules));
}

function toNewEvent(event: WireEvent | undefined, { maxPayloadBytes }: EventRules): NewEvent {
  if (event === undefined) throw invalidField("event", "is required");
  const id = parseRequestId("event.id", event.id);
  return {
    id,
    type: parseTaskType("event.type", event.type),
    sourceService: parseSourceService("event.source_service", event.sourceService),
    subject: parseOptionalText("event.subject", event.subject, limits.subjectBytes),
    time: fromTime("event.time", event.time),
    data: fromPayload("event.data", event.data, { maxBytes: maxPayloadBytes, canonical: id !== null }),
    correlationId: parseOptionalText("event.correlation_id", event.correlationId, limits.correlationIdBytes),
    causationId: parseOptionalText("event.causation_id", event.causationId, limits.causationIdBytes),
    attributes: fromAttributes("event.attributes", event.attributes),
  };
}

function parseSourceService(field: string, value: string): string {
  if (value === "") refuseField(field, "is required");
  return parseText(field, value, limits.serviceBytes);
}

function fromTime(field: string, time: WireEvent["time"]): EventTime | null {
  // The milliseconds only tell whether it is a time: a publisher's clock may be finer.
  if (time === undefined || fromTimestamp(field, time) === null) return null;
  return { seconds: Number(time.seconds), nanos: time.nanos };
}

function fromAttributes(
  field: string,
  attributes: Readonly<Record<string, Value>>,
): Record<string, AttributeValue> | null {
  const names = Object.keys(attributes);
  if (names.length === 0) return null;
  checkCount(field, names.length, limits.attributeCount, "entries");
  let bytes = 0;
  const sorted: Record<string, AttributeValue> = {};
  for (const name of names.sort()) {
    checkAttributeName(field, name);
    if (takenNames.includes(name)) {
      refuseField(`${field}.${name}`, "is the name of what has a field of its own; put it there");
    }
    const value = fromAttribute(`${field}.${name}`, attributes[name]);
    if (textAttributes.includes(name) && typeof value !== "string") {
      refuseField(`${field}.${name}`, "must be a string");
    }
    bytes += name.length + Buffer.byteLength(String(value));
    sorted[name] = value;
  }
  if (bytes > limits.attributeBytes) {
    refuseField(field, `has ${bytes} bytes in all; at most ${limits.attributeBytes} are allowed`);
  }
  return sorted;
}

function fromAttribute(field: string, value: Value | undefined): AttributeValue {
  const scalar = value === undefined ? undefined : fromScalar(value);
  if (scalar === undefined) {
    refuseField(field, "must be a string, a boolean or a whole number of 32 bits");
    return "";
  }
  if (typeof scalar !== "number") return scalar;
  // -0 is no other number than 0, and not written as such.
  if (!isInt32(scalar)) refuseField(field, `is ${scalar}; it must be a whole number of 32 bits`);
  return scalar | 0;
}

/** An event as it goes out; what the record does not hold is left out. */
export function toEvent(event: StoredEvent): WireEvent {
  const message = toEventHead(event);
  const { payloads, damagedFields } = toListedPayloads({ data: event.data }, event.damagedFields);
  return Object.assign(message, payloads, { damagedFields });
}

/** An event without its data. */
export function toEventHead(event: StoredEvent): WireEvent {
  // Assigned one by one: it goes out with each delivery, and an initializer costs more than the message.
  const message = create(EventSchema);
  message.id = event.id;
  message.type = event.type;
  message.sourceService = event.sourceService;
  message.subject = event.subject ?? "";
  message.time = toTime(event);
  message.correlationId = event.correlationId ?? "";
  message.causationId = event.causationId ?? "";
  message.position = event.position;
  message.publishTime = toTimestamp(event.publishMs);
  if (event.damagedFields !== undefined) message.damagedFields = [...event.damagedFields];
  if (event.attributes !== null) {
    for (const [name, value] of Object.entries(event.attributes)) message.attributes[name] = toScalar(value);
  }
  return message;
}

/** When it happened: by its publisher's clock, or when it was stored. */
function toTime({ time, publishMs }: StoredEvent) {
  const message = toTimestamp(publishMs);
  if (time === null) return message;
  message.seconds = BigInt(time.seconds);
  message.nanos = time.nanos;
  return message;
}
