import { NullValue, type Value } from "@bufbuild/protobuf/wkt";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { limits } from "../../contract/limits.ts";
import { payloadTooLarge } from "../../domain/refusals/server.ts";
import { MalformedMessage } from "../../grpc/codec.ts";
import { codecOf, encodedIn } from "../../grpc/message-codec.ts";
import { jsonFormOf } from "./json-form.ts";
import { withSortedMembers } from "./sorted-json.ts";
import { refuse, refuseField } from "./violations.ts";

const codec = codecOf(PayloadSchema);

/**
 * In how many messages a payload stands at most where it is delivered or read, a few kept for those to come. What is nested deeper
 * than a receiver takes would keep it from all that is delivered together.
 */
const mostMessagesAround = 10;

const lengthDelimited = 2;
const tags = {
  json: (PayloadSchema.field.json.number << 3) | lengthDelimited,
  binary: (PayloadSchema.field.binary.number << 3) | lengthDelimited,
} as const;

/** What makes two encodings of one content differ, or some clients fail to read it. */
export interface PayloadRules {
  readonly maxBytes: number;
  /** Give equal JSON values equal bytes: some languages send the members of an object in a random order. */
  readonly canonical: boolean;
  /**
   * Packed with others on its way to the store: it may be a view into the message that came. Default false: with a view, the thread of
   * the store would be sent all that is in its buffer.
   */
  readonly isPacked?: boolean;
}

/** A payload as it is stored: its encoding; `null` for an empty one. */
export function fromPayload(field: string, payload: Payload | undefined, rules: PayloadRules): Uint8Array | null {
  const bytes = payload === undefined ? null : encoded(field, payload, rules);
  if (bytes === null) return null;
  if (bytes.length > rules.maxBytes) refuse(payloadTooLarge(field, bytes.length, rules.maxBytes));
  return bytes;
}

function encoded(field: string, payload: Payload, rules: PayloadRules): Uint8Array | null {
  const bytes = encodedIn(payload);
  if (bytes === undefined) return checkedAndEncoded(field, payload, rules);
  if (bytes.length === 0) return null;
  const stored = asStored(bytes, rules.canonical);
  if (stored === null) return checkedAndEncoded(field, read(bytes), rules);
  return stored === bytes && !rules.isPacked ? Uint8Array.from(bytes) : stored;
}

function checkedAndEncoded(field: string, payload: Payload, rules: PayloadRules): Uint8Array | null {
  if (payload.kind.case === undefined) return null;
  if (payload.kind.case === "json") {
    const problem = jsonProblem(payload.kind.value, rules.canonical, limits.jsonDepth);
    if (problem !== null) refuseField(`${field}.json`, problem);
  }
  return codec.encodeApart(payload);
}

function read(bytes: Uint8Array): Payload {
  try {
    return codec.decodeWithin(mostMessagesAround, bytes);
  } catch (cause) {
    throw new MalformedMessage(PayloadSchema, { cause });
  }
}

/**
 * An encoded payload as it is to be stored, JSON with the members of its objects in order if it is to be `canonical`: the same bytes if
 * they are so already. `null`: it has to be decoded for that, or is none.
 */
export function asStored(bytes: Uint8Array, canonical: boolean): Uint8Array | null {
  if (bytes[0] !== tags.binary && bytes[0] !== tags.json) return null;
  const begin = contentOf(bytes);
  if (begin === null) return null;
  if (bytes[0] === tags.binary) return bytes;
  const form = jsonFormOf(bytes, begin, limits.jsonDepth);
  if (form === "unknown") return null;
  return form === "sorted" || !canonical ? bytes : withSortedMembers(bytes, begin);
}

/** Where the content of a payload of one field begins, which is all that there is, its length in the shortest form; `null`: it is not so. */
function contentOf(bytes: Uint8Array): number | null {
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    length |= (byte & 0x7f) << (7 * (at - 1));
    if (byte >= 0x80) continue;
    const isShortest = byte > 0 || at === 1;
    return isShortest && at + 1 + length === bytes.length ? at + 1 : null;
  }
  return null;
}

/** A payload as it goes out: what is as it should be is not decoded, but goes out as it is stored. */
export function toPayload(bytes: Uint8Array | null): Payload | undefined {
  if (bytes === null) return undefined;
  return asStored(bytes, false) === null ? codec.decode(bytes) : toDeliveredPayload(bytes);
}

/** Whether a stored payload can be decoded, where it is delivered together with others. */
export function isPayload(bytes: Uint8Array): boolean {
  try {
    return asStored(bytes, false) !== null || codec.decodeWithin(mostMessagesAround, bytes) !== null;
  } catch {
    return false;
  }
}

/** A payload that is delivered, as it is stored. A damaged one is its receiver's to refuse, and does not hold up others. */
export function toDeliveredPayload(bytes: Uint8Array): Payload {
  return codec.opaque(bytes);
}

/** Payloads as they are read, not delivered. */
export interface ListedPayloads<Name extends string> {
  readonly payloads: Partial<Record<Name, Payload>>;
  /** What was known as damaged, and what is no message. */
  readonly damagedFields: string[];
}

/**
 * Payloads as they are read, not delivered: one that is no message, which only a damaged file holds, is left out and named, so that
 * what it belongs to is listed all the same.
 *
 * @param damaged what is known as damaged
 */
export function toListedPayloads<Name extends string>(
  fields: Readonly<Record<Name, Uint8Array | null>>,
  damaged: readonly string[] = [],
): ListedPayloads<Name> {
  const payloads: Partial<Record<Name, Payload>> = {};
  const damagedFields = [...damaged];
  for (const name in fields) {
    try {
      const payload = toPayload(fields[name]);
      if (payload !== undefined) payloads[name] = payload;
    } catch {
      damagedFields.push(name);
    }
  }
  return { payloads, damagedFields };
}

/**
 * What is wrong with a value; `null`: nothing. Sorts the members of its objects if asked to. A value without a kind, which is easily
 * made in some languages and which others refuse to print, becomes the null that it is read as.
 */
function jsonProblem(value: Value, sort: boolean, levels: number): string | null {
  if (value.kind.case === undefined) value.kind = { case: "nullValue", value: NullValue.NULL_VALUE };
  const { kind } = value;
  const isNested = kind.case === "listValue" || kind.case === "structValue";
  if (isNested && levels === 0) return `is more than ${limits.jsonDepth} levels deep`;
  if (kind.case === "numberValue" && !Number.isFinite(kind.value)) return "holds a number that JSON does not have";
  if (kind.case === "listValue") return firstProblem(kind.value.values, sort, levels - 1);
  if (kind.case !== "structValue") return null;
  const { fields } = kind.value;
  const problem = firstProblem(Object.values(fields), sort, levels - 1);
  if (sort) kind.value.fields = Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
  return problem;
}

function firstProblem(values: readonly Value[], sort: boolean, levels: number): string | null {
  for (const each of values) {
    const problem = jsonProblem(each, sort, levels);
    if (problem !== null) return problem;
  }
  return null;
}
