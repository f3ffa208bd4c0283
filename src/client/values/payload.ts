import { NullValue, type Value } from "@bufbuild/protobuf/wkt";
import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { limits } from "../../contract/limits.ts";
import { codecOf } from "../../grpc/message-codec.ts";

const { blank: blankPayload } = codecOf(PayloadSchema);

/** A value that JSON can write. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [member: string]: JsonValue };

/**
 * The payload of a plain value: bytes for a Uint8Array, nothing for `undefined`, otherwise JSON.
 *
 * As with JSON.stringify, `toJSON` is honoured and members that are `undefined` are left out. Unlike it, whatever JSON would
 * change in silence is refused: NaN, infinities, functions, symbols, bigints, bytes below the top, and objects of which it would
 * write `{}`: a Map, a Set, a Promise, a RegExp, an Error.
 *
 * @throws TypeError that names the place
 */
export function toPayload(value: unknown): Payload {
  const payload = blankPayload();
  if (value instanceof Uint8Array) payload.kind = { case: "binary", value };
  else if (value !== undefined) payload.kind = { case: "json", value: toValue(value, "", limits.jsonDepth) };
  return payload;
}

/**
 * The plain value of a payload: a JSON value, a Uint8Array of its own, `undefined` for an empty one, and the
 * google.protobuf.Any itself for a typed message.
 */
export function fromPayload(payload: Payload | undefined): unknown {
  switch (payload?.kind.case) {
    case "json":
      return fromValue(payload.kind.value);
    case "binary":
      // Decoded bytes are a view into all that was received with them.
      return new Uint8Array(payload.kind.value);
    case "message":
      return payload.kind.value;
    case undefined:
      return undefined;
  }
}

function toValue(value: unknown, place: string, levels: number): Value {
  return { $typeName: "google.protobuf.Value", kind: toKind(value, place, levels) };
}

function toKind(value: unknown, place: string, levels: number): Value["kind"] {
  switch (typeof value) {
    case "string":
      return { case: "stringValue", value };
    case "number":
      if (Number.isFinite(value)) return { case: "numberValue", value };
      throw notJson(place, String(value));
    case "boolean":
      return { case: "boolValue", value };
    case "object":
      if (value === null) return { case: "nullValue", value: NullValue.NULL_VALUE };
      if (levels === 0)
        throw new TypeError(`The payload is more than ${limits.jsonDepth} levels deep, or refers to itself.`);
      return toNested(value, place, levels - 1);
    case "undefined":
      throw notJson(place, "undefined");
    case "bigint":
      throw notJson(place, `the bigint ${value}; write it as text`);
    default:
      throw notJson(place, `a ${typeof value}`);
  }
}

function toNested(value: object, place: string, levels: number): Value["kind"] {
  if ("toJSON" in value && typeof value.toJSON === "function") return toKind(value.toJSON(), place, levels);
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) throw notJson(place, "bytes below the top");
  if (Array.isArray(value)) {
    const values = value.map((each, index) => toValue(each, `${place}[${index}]`, levels));
    return { case: "listValue", value: { $typeName: "google.protobuf.ListValue", values } };
  }
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  for (const kind of isPlain ? [] : emptyInJson) {
    if (value instanceof kind)
      throw notJson(place, `${kind === Error ? "an" : "a"} ${kind.name}, of which it would write {}`);
  }
  const fields: Record<string, Value> = {};
  for (const [member, each] of Object.entries(value)) {
    if (each !== undefined) setMember(fields, member, toValue(each, `${place}.${member}`, levels));
  }
  return { case: "structValue", value: { $typeName: "google.protobuf.Struct", fields } };
}

/** What is in them JSON does not see. */
const emptyInJson = [Map, Set, Promise, RegExp, Error] as const;

function notJson(place: string, what: string): TypeError {
  return new TypeError(`The payload holds what JSON cannot write, at $${place}: ${what}.`);
}

/** The JSON value that a google.protobuf.Value stands for. */
export function fromValue({ kind }: Value): JsonValue {
  switch (kind.case) {
    case "structValue": {
      const members: Record<string, JsonValue> = {};
      for (const [member, each] of Object.entries(kind.value.fields)) setMember(members, member, fromValue(each));
      return members;
    }
    case "listValue":
      return kind.value.values.map(fromValue);
    case "numberValue":
    case "stringValue":
    case "boolValue":
      return kind.value;
    case "nullValue":
    case undefined:
      return null;
  }
}

function setMember<T>(target: Record<string, T>, member: string, value: T): void {
  // Assigning to __proto__ would change the object's prototype and set nothing.
  if (member !== "__proto__") target[member] = value;
  else Object.defineProperty(target, member, { value, enumerable: true, configurable: true, writable: true });
}
