import type { Value } from "@bufbuild/protobuf/wkt";

/** The value of an attribute of an event. Numbers are whole and fit into 32 bits. */
export type AttributeValue = string | number | boolean;

/** Attributes as they travel. @throws TypeError on a number that is not one of an attribute */
export function toAttributes(attributes: Readonly<Record<string, AttributeValue>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, toValue(name, value)]));
}

function toValue(name: string, value: AttributeValue): Value {
  return { $typeName: "google.protobuf.Value", kind: toKind(name, value) };
}

function toKind(name: string, value: AttributeValue): Value["kind"] {
  if (typeof value === "string") return { case: "stringValue", value };
  if (typeof value === "boolean") return { case: "boolValue", value };
  if (value === (value | 0)) return { case: "numberValue", value: value | 0 };
  throw new TypeError(`The attribute ${name} is ${value}; a number must be whole and fit into 32 bits.`);
}

/** Attributes as they were said; what is none by the contract is left out. */
export function fromAttributes(attributes: Readonly<Record<string, Value>>): Record<string, AttributeValue> {
  const entries = Object.entries(attributes).flatMap(([name, { kind }]) => {
    const isPlain = kind.case === "stringValue" || kind.case === "numberValue" || kind.case === "boolValue";
    return isPlain ? [[name, kind.value] as const] : [];
  });
  return Object.fromEntries(entries);
}
