import { type CelInput, type CelValue, isCelList, isCelMap, isCelType, isCelUint } from "@bufbuild/cel";
import { isList, type JsonValue } from "../../contract/json-value.ts";
import { limits } from "../../contract/limits.ts";
import type { CostMeter } from "./cost-meter.ts";
import { ExpressionError } from "./expression-error.ts";
import { libraryCall } from "./functions/library.ts";
import type { PayloadValue } from "./payload-value.ts";

/** A JSON value as expressions see it: its numbers are doubles. */
export function fromJson(value: JsonValue): CelInput {
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(fromJson);
  // A Map, since the library knows an object by the name of its constructor, which is a member that JSON may have.
  return new Map(Object.entries(value).map(([member, each]) => [member, fromJson(each)]));
}

/** A payload as expressions see it: JSON as it is, bytes as bytes, of a message its type alone, an empty one as null. */
export function fromPayloadValue(payload: PayloadValue): CelInput {
  switch (payload?.kind) {
    case "json":
      return fromJson(payload.value);
    case "bytes":
      return payload.value;
    case "message":
      return new Map([["@type", payload.typeUrl]]);
    case undefined:
      return null;
  }
}

/**
 * What an expression came to, as JSON: times and spans as Protobuf's JSON writes them, bytes in base64, whole numbers that a
 * double cannot hold as text.
 *
 * @param levels how deep it may be
 * @throws ExpressionError if JSON cannot write it
 */
export function toJson(value: CelValue, meter: CostMeter, levels: number): JsonValue {
  meter.charge(1);
  // It is copied when it is encoded, each time that it stands somewhere.
  if (typeof value === "string" || value instanceof Uint8Array) meter.chargeLength(value.length);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "bigint") return fromWhole(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw new ExpressionError(`is ${value}, which JSON does not have`);
  }
  if (isCelUint(value)) return fromWhole(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  const isNested = isCelList(value) || isCelMap(value);
  if (isNested && levels === 0)
    throw new ExpressionError(`makes the parameters more than ${limits.jsonDepth} levels deep`);
  if (isCelList(value)) return Array.from(value, (each) => toJson(each, meter, levels - 1));
  if (isCelMap(value)) {
    return Object.fromEntries(
      Array.from(value, ([key, each]) => [String(isCelUint(key) ? key.value : key), toJson(each, meter, levels - 1)]),
    );
  }
  if (isCelType(value)) throw new ExpressionError("is a value that JSON cannot write");
  // Times and spans are all that is left.
  return String(libraryCall("string", undefined, [value]));
}

function fromWhole(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}
