import { create } from "@bufbuild/protobuf";
import { type Timestamp, TimestampSchema, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Event, EventSchema } from "../../../gen/sitq/v1/event_pb.js";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import type { AttributeValue, JsonValue } from "../../contract/json-value.ts";
import { limits } from "../../contract/limits.ts";
import { assertUndamaged } from "../errors/data-loss.ts";
import { fromAttributes, toAttributes } from "../values/event-attributes.ts";
import { fromPayload, toPayload } from "../values/payload.ts";

/**
 * An event in the JSON format of CloudEvents 1.0
 * (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md).
 */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  /** RFC 3339. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  /** What the data are if they are JSON, or text. */
  readonly data?: JsonValue;
  /** What the data are if they are bytes. */
  readonly data_base64?: string;
  /** Every other member is an extension attribute. */
  readonly [extension: string]: JsonValue | undefined;
}

/**
 * What is read as a CloudEvent: `CloudEvent`, or one of the official JavaScript SDK (`cloudevents` 10), whose members are typed
 * less closely and whose bytes stand in `data` and in `data_base64` at once.
 */
export interface CloudEventLike {
  readonly specversion: string;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** What else is said, checked when it is read. */
  readonly [member: string]: unknown;
}

/**
 * The extension that holds the type of a Protobuf message whose encoding is in `data_base64`: the `type_url` of its
 * google.protobuf.Any. Without it a message and bare bytes would look the same.
 */
const messageType = "protobuftype";

/** Members that are no attributes, or stand in fields of their own. */
const ownMembers: readonly string[] = [
  "specversion",
  "id",
  "source",
  "type",
  "subject",
  "time",
  "data",
  "data_base64",
  "correlationid",
  "causationid",
  messageType,
];

/**
 * An event as a CloudEvent. Nothing is lost: `fromCloudEvent` makes the same event of it. What the server says of an event, its
 * position and the time at which it was stored, is no part of it.
 *
 * @throws CallError DATA_LOSS if the event is damaged on the server's disk: it would be another one
 */
export function toCloudEvent(event: Event): CloudEvent {
  const { subject, time, correlationId, causationId } = event;
  assertUndamaged(event.damagedFields, "data", `The event ${event.id}`);
  return {
    specversion: "1.0",
    id: event.id,
    source: event.sourceService,
    type: event.type,
    ...(subject !== "" && { subject }),
    ...(time !== undefined && { time: rfc3339Of(time) }),
    ...(correlationId !== "" && { correlationid: correlationId }),
    ...(causationId !== "" && { causationid: causationId }),
    ...fromAttributes(event.attributes),
    ...membersOfData(event.data),
  };
}

function membersOfData(data: Payload | undefined): Record<string, JsonValue> {
  const kind = data?.kind;
  switch (kind?.case) {
    case "json":
      // A payload of this kind is read as a JSON value.
      return { data: fromPayload(data) as JsonValue };
    case "binary":
      return { data_base64: base64(kind.value) };
    case "message":
      return { data_base64: base64(kind.value.value), [messageType]: kind.value.typeUrl };
    case undefined:
      return {};
  }
}

/**
 * A CloudEvent as an event for `publish`. Nothing is lost: `toCloudEvent` makes the same CloudEvent of it, but for the zone and
 * the trailing zeros of its time, and members that are `null`, which CloudEvents counts as not there.
 *
 * @throws TypeError that names what is no CloudEvent 1.0, or cannot be carried
 */
export function fromCloudEvent(cloudEvent: CloudEventLike): Event {
  const members = new Map(Object.entries(cloudEvent).filter(([, value]) => value !== undefined && value !== null));
  if (members.get("specversion") !== "1.0") throw new TypeError("specversion is not 1.0.");
  const event = create(EventSchema);
  event.id = required("id");
  event.sourceService = required("source");
  event.type = required("type");
  event.subject = text("subject") ?? "";
  event.correlationId = text("correlationid") ?? "";
  event.causationId = text("causationid") ?? "";
  const time = text("time");
  if (time !== undefined) event.time = timestampOf(time);
  const data = dataOf(members.get("data") ?? cloudEvent.data, text("data_base64", true), text(messageType, true));
  if (data !== undefined) event.data = data;
  const extensions = [...members].filter(([name]) => !ownMembers.includes(name));
  event.attributes = toAttributes(
    Object.fromEntries(extensions.map(([name, value]) => [name, attribute(name, value)])),
  );
  return event;

  function text(name: string, mayBeEmpty = false): string | undefined {
    const value = members.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw new TypeError(`${name} is not a string.`);
    if (value === "" && !mayBeEmpty) throw new TypeError(`${name} is empty.`);
    return value;
  }

  function required(name: string): string {
    const value = text(name);
    if (value === undefined) throw new TypeError(`${name} is missing.`);
    return value;
  }
}

function attribute(name: string, value: unknown): AttributeValue {
  if (!/^[a-z0-9]+$/.test(name) || name.length > limits.attributeNameLength) {
    throw new TypeError(
      `${JSON.stringify(name)} is not the name of an attribute: 1 to ${limits.attributeNameLength} lower case letters and digits.`,
    );
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  throw new TypeError(`${name} is not a string, a number or a boolean.`);
}

function dataOf(data: unknown, encoded: string | undefined, typeUrl: string | undefined) {
  if (encoded === undefined) {
    if (typeUrl !== undefined) throw new TypeError(`${messageType} is there without data_base64.`);
    return data === undefined ? undefined : toPayload(data);
  }
  const value = bytesOf(encoded);
  if (data !== undefined && !isSameBytes(data, value)) {
    throw new TypeError("data and data_base64 are both there, and are not the same bytes.");
  }
  if (typeUrl === undefined) return toPayload(value);
  const message = { $typeName: "google.protobuf.Any" as const, typeUrl, value };
  return create(PayloadSchema, { kind: { case: "message", value: message } });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Whether data are these bytes, one element for each: the official SDK reads them into a Uint32Array. */
function isSameBytes(data: unknown, bytes: Uint8Array): boolean {
  if (!(data instanceof Uint8Array || data instanceof Uint32Array)) return false;
  return data.length === bytes.length && bytes.every((byte, index) => byte === data[index]);
}

function bytesOf(encoded: string): Uint8Array {
  // Buffer passes over what is not base64.
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) {
    throw new TypeError("data_base64 is not base64.");
  }
  return new Uint8Array(Buffer.from(encoded, "base64"));
}

/** A time as text, with as many digits behind the point as it has, by threes. */
function rfc3339Of({ seconds, nanos }: Timestamp): string {
  const whole = new Date(Number(seconds) * 1_000).toISOString().replace(/\.\d+Z$/, "");
  const digits =
    nanos === 0
      ? ""
      : `.${String(nanos)
          .padStart(9, "0")
          .replace(/(?:000)+$/, "")}`;
  return `${whole}${digits}Z`;
}

const timePattern = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

function timestampOf(time: string): Timestamp {
  const [, day, clock, digits = "", zone = ""] = timePattern.exec(time) ?? [];
  const date = new Date(`${day}T${clock}${zone.toUpperCase()}`);
  // What JavaScript moves on, 30 February or 24:00, does not come back as it was.
  const isReal = new Date(`${day}T${clock}Z`).toJSON()?.startsWith(`${day}T${clock}`);
  if (!isReal || Number.isNaN(date.getTime())) throw new TypeError("time is not a time of RFC 3339.");
  if (/[1-9]/.test(digits.slice(9))) throw new TypeError("time is finer than a nanosecond.");
  const { seconds } = timestampFromDate(date);
  return create(TimestampSchema, { seconds, nanos: Number(digits.slice(0, 9).padEnd(9, "0")) });
}
