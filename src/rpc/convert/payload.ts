import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { NullValue, type Value } from "@bufbuild/protobuf/wkt";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { SitqError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { reading } from "../adapter/codec.ts";
import { jsonFormOf } from "./json-form.ts";
import { withSortedMembers } from "./sorted-json.ts";
import { refuse, refuseField } from "./violations.ts";

const tags = {
  json: (PayloadSchema.field.json.number << 3) | WireType.LengthDelimited,
  binary: (PayloadSchema.field.binary.number << 3) | WireType.LengthDelimited,
} as const;

/** What makes two encodings of one content differ, or some clients fail to read it. */
export interface PayloadRules {
  readonly maxBytes: number;
  /** Give equal JSON values equal bytes: some languages send the members of an object in a random order. */
  readonly canonical: boolean;
}

/** A payload as it is stored: its encoding, which bytes are already; `null` for an empty one. */
export function fromPayload(
  field: string,
  payload: Payload | Uint8Array | undefined,
  rules: PayloadRules,
): Uint8Array | null {
  const bytes = payload instanceof Uint8Array ? payload : encoded(field, payload, rules.canonical);
  if (bytes === null) return null;
  if (bytes.length > rules.maxBytes) {
    const text = `${field}: has ${bytes.length} bytes encoded; at most ${rules.maxBytes} are allowed. Store it elsewhere and send its address.`;
    refuse(new SitqError("PAYLOAD_TOO_LARGE", text, { field, metadata: { max_bytes: String(rules.maxBytes) } }));
  }
  return bytes;
}

function encoded(field: string, payload: Payload | undefined, canonical: boolean): Uint8Array | null {
  if (payload === undefined) return null;
  if (!isOpaque(payload)) return decodedAndEncoded(field, payload, canonical);
  const bytes = fieldsOf(payload);
  if (bytes.length === 0) return null;
  return asStored(bytes, canonical) ?? decodedAndEncoded(field, read(bytes), canonical);
}

/** Whether a payload was not looked into when it was decoded: then it has no `kind`. */
function isOpaque(payload: Partial<Payload>): boolean {
  return payload.kind === undefined;
}

/** The encoding of a payload that was not looked into. */
function fieldsOf({ $unknown = [] }: Payload): Uint8Array {
  const writer = new BinaryWriter();
  for (const { no, wireType, data } of $unknown) writer.tag(no, wireType).raw(data);
  return writer.finish();
}

function decodedAndEncoded(field: string, payload: Payload, canonical: boolean): Uint8Array | null {
  if (payload.kind.case === undefined) return null;
  if (payload.kind.case === "json") checkJson(`${field}.json`, payload.kind.value, canonical, limits.jsonDepth);
  return toBinary(PayloadSchema, payload);
}

function read(bytes: Uint8Array): Payload {
  return reading(PayloadSchema, () => fromBinary(PayloadSchema, bytes));
}

/**
 * An encoded payload as it is to be stored, JSON with the members of its objects in order if it is to be `canonical`; `null`: it has to
 * be decoded for that.
 */
function asStored(bytes: Uint8Array, canonical: boolean): Uint8Array | null {
  if (bytes[0] !== tags.binary && bytes[0] !== tags.json) return null;
  const begin = contentOf(bytes);
  if (begin === null) return null;
  if (bytes[0] === tags.binary) return bytes;
  const form = jsonFormOf(bytes, begin, limits.jsonDepth);
  if (form === "unknown") return null;
  return form === "sorted" || !canonical ? bytes : withSortedMembers(bytes, begin);
}

/** Where the content of a payload of one field begins, which is all that there is; `null`: there is more to it. */
function contentOf(bytes: Uint8Array): number | null {
  const reader = new BinaryReader(bytes);
  reader.pos = 1;
  const length = reader.uint32();
  const isShortest = reader.pos === 2 || length >= 1 << (7 * (reader.pos - 2));
  return isShortest && reader.pos + length === bytes.length ? reader.pos : null;
}

/** A payload as it goes out: what is as it should be is not decoded, but goes out as it is stored. */
export function toPayload(bytes: Uint8Array | null): Payload | undefined {
  if (bytes === null) return undefined;
  const first = bytes[0] ?? 0;
  if (asStored(bytes, false) === null) return fromBinary(PayloadSchema, bytes);
  const payload = create(PayloadSchema);
  payload.$unknown = [{ no: first >>> 3, wireType: first & 7, data: bytes.subarray(1) }];
  return payload;
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
 * Checks the depth of a value, and sorts the members of its objects if asked to. A value without a kind, which is easily made in some
 * languages and which others refuse to print, becomes the null that it is read as.
 */
function checkJson(field: string, value: Value, sort: boolean, levels: number): void {
  if (value.kind.case === undefined) value.kind = { case: "nullValue", value: NullValue.NULL_VALUE };
  const { kind } = value;
  const isNested = kind.case === "listValue" || kind.case === "structValue";
  if (isNested && levels === 0) {
    refuseField(field, `is more than ${limits.jsonDepth} levels deep`);
  } else if (kind.case === "listValue") {
    for (const each of kind.value.values) checkJson(field, each, sort, levels - 1);
  } else if (kind.case === "structValue") {
    const { fields } = kind.value;
    for (const each of Object.values(fields)) checkJson(field, each, sort, levels - 1);
    if (sort) {
      kind.value.fields = Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
    }
  } else if (kind.case === "numberValue" && !Number.isFinite(kind.value)) {
    refuseField(field, "holds a number that JSON does not have");
  }
}
