/** Values of JSON and of attributes as google.protobuf.Value, and back. */

import { NullValue, type Value } from "@bufbuild/protobuf/wkt";
import { limits } from "./limits.ts";

/** A value that JSON can write. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** An object that JSON can write. */
export interface JsonObject {
  readonly [member: string]: JsonValue;
}

/** The value of an attribute of an event. Numbers are whole and fit into 32 bits. */
export type AttributeValue = string | number | boolean;

/** Whether a nested value is a list. */
export function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * The google.protobuf.Value of a value. As with JSON.stringify, `toJSON` is honoured and members that are `undefined` are left out;
 * unlike it, whatever JSON would change in silence is refused.
 *
 * @throws TypeError that names the place
 */
export function toValue(value: unknown): Value {
  return valueAt(value, "", limits.jsonDepth);
}

function valueAt(value: unknown, place: string, levels: number): Value {
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
    const values = value.map((each, index) => valueAt(each, `${place}[${index}]`, levels));
    return { case: "listValue", value: { $typeName: "google.protobuf.ListValue", values } };
  }
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  for (const kind of isPlain ? [] : emptyInJson) {
    if (value instanceof kind)
      throw notJson(place, `${kind === Error ? "an" : "a"} ${kind.name}, of which it would write {}`);
  }
  const fields: Record<string, Value> = {};
  for (const [member, each] of Object.entries(value)) {
    if (each !== undefined) setMember(fields, member, valueAt(each, `${place}.${member}`, levels));
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

/** The google.protobuf.Value of a text, a number or a boolean. */
export function toScalar(value: AttributeValue): Value {
  if (typeof value === "string") return { $typeName: "google.protobuf.Value", kind: { case: "stringValue", value } };
  if (typeof value === "boolean") return { $typeName: "google.protobuf.Value", kind: { case: "boolValue", value } };
  return { $typeName: "google.protobuf.Value", kind: { case: "numberValue", value } };
}

/** The text, number or boolean that a google.protobuf.Value stands for; `undefined`: it is another one. */
export function fromScalar({ kind }: Value): AttributeValue | undefined {
  const isScalar = kind.case === "stringValue" || kind.case === "numberValue" || kind.case === "boolValue";
  return isScalar ? kind.value : undefined;
}

/** Whether a number can be that of an attribute: whole, of 32 bits. */
export function isInt32(value: number): boolean {
  return value === (value | 0);
}
