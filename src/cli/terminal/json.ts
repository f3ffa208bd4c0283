import {
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type MessageShape,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";

/**
 * A message in Protobuf's JSON: camelCase, bytes in base64. Fields with their default are written too, so that scripts find
 * them. Unlike in Protobuf's JSON, a 64-bit integer is a number, so that scripts can add it up; beyond 2^53, which a JSON
 * number does not hold exactly in most programs, it stays a string.
 */
export function messageJson<D extends DescMessage>(desc: D, message: MessageShape<D>): JsonObject {
  const json = toJson(desc, message, { alwaysEmitImplicit: true });
  if (!isObject(json)) throw new TypeError(`${desc.typeName} is not written as a JSON object.`);
  return withNumbers(desc, json);
}

/** A 64-bit integer as `messageJson` writes it. */
export function integerJson(value: bigint): number | string {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : String(value);
}

function withNumbers(desc: DescMessage, json: JsonObject): JsonObject {
  const fields = new Map(desc.fields.map((field) => [field.jsonName, field]));
  const entries = Object.entries(json).map(([name, value]) => {
    const field = fields.get(name);
    return [name, field === undefined ? value : fieldWithNumbers(field, value)] as const;
  });
  return Object.fromEntries(entries);
}

function fieldWithNumbers(field: DescField, json: JsonValue): JsonValue {
  const convert = (value: JsonValue): JsonValue => {
    if (field.scalar !== undefined) return sixtyFourBit.has(field.scalar) ? numberOf(value) : value;
    // The well-known types have a JSON of their own.
    if (field.message === undefined || field.message.typeName.startsWith("google.protobuf.")) return value;
    return isObject(value) ? withNumbers(field.message, value) : value;
  };
  if (Array.isArray(json)) return json.map(convert);
  if (field.fieldKind !== "map" || !isObject(json)) return convert(json);
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, convert(value)]));
}

const sixtyFourBit: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

function numberOf(json: JsonValue): JsonValue {
  return typeof json === "string" ? integerJson(BigInt(json)) : json;
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
