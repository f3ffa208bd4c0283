import type { Event } from "../../../gen/sitq/v1/event_pb.js";
import { fromScalar, toScalar } from "../../contract/json-value.ts";
import { limits } from "../../contract/limits.ts";
import { traceFields } from "../../contract/trace-context.ts";

type Attributes = Event["attributes"];

/** The headers of the trace that an event is part of, from its attributes, where CloudEvents has them; empty: of none. */
export function traceOf(attributes: Attributes): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const name of Object.values(traceFields)) {
    const value = attributes[name] && fromScalar(attributes[name]);
    if (typeof value === "string") headers[name] = value;
  }
  return headers;
}

/** Attributes with those of a trace; without them where they do not fit into the bounds of attributes. */
export function attributesWithTrace(attributes: Attributes, trace: Readonly<Record<string, string>>): Attributes {
  const all = { ...attributes };
  for (const [name, value] of Object.entries(trace)) all[name] = toScalar(value);
  const names = Object.keys(all);
  return names.length <= limits.attributeCount && bytesOf(all) <= limits.attributeBytes ? all : attributes;
}

function bytesOf(attributes: Attributes): number {
  return Object.entries(attributes).reduce(
    (sum, [name, value]) => sum + name.length + Buffer.byteLength(String(fromScalar(value) ?? "")),
    0,
  );
}
