import { create, toBinary } from "@bufbuild/protobuf";
import { PayloadSchema } from "../gen/sitq/v1/payload_pb.js";

/** The size of a task's payload in every case, in bytes. */
export const payloadBytes = 200;

/** A payload: the same bytes each time, none of them zero. */
export const payload: Uint8Array = Uint8Array.from({ length: payloadBytes }, (_, index) => (index % 255) + 1);

/** The same as it is stored. */
export const storedPayload: Uint8Array = toBinary(
  PayloadSchema,
  create(PayloadSchema, { kind: { case: "binary", value: payload } }),
);
