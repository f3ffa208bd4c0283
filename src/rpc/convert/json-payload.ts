import { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { fromValue, toValue } from "../../contract/json-value.ts";
import { codecOf } from "../../grpc/message-codec.ts";
import type { StoredPayloadCodec } from "../../workflows/expressions/payload-value.ts";

const codec = codecOf(PayloadSchema);

/** Payloads as they are stored, for those who look inside: encoded sitq.v1.Payload messages. */
export const payloadCodec: StoredPayloadCodec = {
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
