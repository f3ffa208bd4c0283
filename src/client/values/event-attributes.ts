import type { Value } from "@bufbuild/protobuf/wkt";
import { type AttributeValue, fromScalar, isInt32, toScalar } from "../../contract/json-value.ts";

/** Attributes as they travel. @throws TypeError on a number that is not one of an attribute */
export function toAttributes(attributes: Readonly<Record<string, AttributeValue>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, toAttribute(name, value)]));
}

function toAttribute(name: string, value: AttributeValue): Value {
  if (typeof value !== "number") return toScalar(value);
  if (isInt32(value)) return toScalar(value | 0);
  throw new TypeError(`The attribute ${name} is ${value}; a number must be whole and fit into 32 bits.`);
}

/** Attributes as they were said; what is none by the contract is left out. */
export function fromAttributes(attributes: Readonly<Record<string, Value>>): Record<string, AttributeValue> {
  const entries = Object.entries(attributes).map(([name, value]) => [name, fromScalar(value)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, AttributeValue] => entry[1] !== undefined));
}
