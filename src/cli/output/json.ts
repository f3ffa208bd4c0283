import { type DescMessage, type JsonObject, type MessageShape, toJson } from "@bufbuild/protobuf";

/**
 * A message in Protobuf's JSON: camelCase, 64-bit integers as strings, bytes in base64. Fields with their default are written
 * too, so that scripts find them.
 */
export function messageJson<D extends DescMessage>(desc: D, message: MessageShape<D>): JsonObject {
  const json = toJson(desc, message, { alwaysEmitImplicit: true });
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  throw new TypeError(`${desc.typeName} is not written as a JSON object.`);
}
