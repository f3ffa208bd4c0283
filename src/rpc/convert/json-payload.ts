import { NullValue, type Value } from "@bufbuild/protobuf/wkt";
import { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { codecOf } from "../../grpc/message-codec.ts";
import type { JsonValue, PayloadCodec } from "../../workflows/expressions/payload-value.ts";

const codec = codecOf(PayloadSchema);

/** Payloads as they are stored, for those who look inside: encoded sitq.v1.Payload messages. */
export const payloadCodec: PayloadCodec = {
  decode(payload) {
    if (payload === null) return null;
    const { kind } = codec.decode(payload);
    switch (kind.case) {
      case "json":
        return { kind: "json", value: fromValue(kind.value) };
      case "binary":
        return { kind: "bytes", value: kind.value };
      case "message":
        return { kind: "message", typeUrl: kind.value.typeUrl };
      case undefined:
        return null;
    }
  },

  encodeJson(value) {
    const payload = codec.blank();
    payload.kind = { case: "json", value: toValue(value) };
    return codec.encodeApart(payload);
  },
};

/** Object.fromEntries, here and below, since assigning to the member `__proto__` would set none. */
function fromValue({ kind }: Value): JsonValue {
  switch (kind.case) {
    case "structValue":
      return Object.fromEntries(Object.entries(kind.value.fields).map(([member, each]) => [member, fromValue(each)]));
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

function toValue(value: JsonValue): Value {
  return { $typeName: "google.protobuf.Value", kind: toKind(value) };
}

function toKind(value: JsonValue): Value["kind"] {
  if (typeof value === "string") return { case: "stringValue", value };
  if (typeof value === "number") return { case: "numberValue", value };
  if (typeof value === "boolean") return { case: "boolValue", value };
  if (value === null) return { case: "nullValue", value: NullValue.NULL_VALUE };
  if (isList(value)) {
    return { case: "listValue", value: { $typeName: "google.protobuf.ListValue", values: value.map(toValue) } };
  }
  const fields = Object.fromEntries(Object.entries(value).map(([member, each]) => [member, toValue(each)]));
  return { case: "structValue", value: { $typeName: "google.protobuf.Struct", fields } };
}

function isList(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}
