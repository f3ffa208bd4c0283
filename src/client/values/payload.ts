import { type Payload, PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { fromValue, toValue } from "../../contract/json-value.ts";
import { codecOf } from "../../grpc/message-codec.ts";

const { blank: blankPayload } = codecOf(PayloadSchema);

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
  else if (value !== undefined) payload.kind = { case: "json", value: toValue(value) };
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
