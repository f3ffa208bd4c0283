import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Metadata, status as statusCode } from "@grpc/grpc-js";
import fc from "fast-check";
import { expect, it } from "vitest";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { CallError, callErrorFrom, callErrorFromStatus } from "../../src/grpc/client/call-error.ts";
import { makeStatus, statusDetailsKey, toStatusObject } from "../../src/grpc/status-details.ts";

const text = fc.string({ unit: "grapheme" });
const anyDetails = fc.record(
  {
    reason: text,
    field: text,
    metadata: fc.dictionary(text, text, { noNullPrototype: true }),
    retryAfterMs: fc.nat(1_000_000_000),
  },
  { requiredKeys: ["reason"] },
);

it("reads back what was written, from a call and from an item of a batch", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 16 }), text, anyDetails, (code, message, details) => {
      const status = makeStatus(code, message, details);
      const expected = {
        code,
        codeName: statusCode[code],
        message,
        reason: details.reason,
        field: details.field ?? null,
        metadata: details.metadata ?? {},
        retryAfterMs: details.retryAfterMs ?? null,
      };
      expect(callErrorFromStatus(status)).toMatchObject(expected);
      const cause = Object.assign(new Error("13 INTERNAL: of no matter"), toStatusObject(status));
      expect(callErrorFrom(cause)).toMatchObject({ ...expected, cause });
    }),
  );
});

it("names an unknown code so", () => {
  expect(new CallError("?", { code: 99 })).toMatchObject({ code: 99, codeName: "UNKNOWN", reason: null });
});

it("leaves a CallError as it is", () => {
  const error = new CallError("once", { code: statusCode.ABORTED });
  expect(callErrorFrom(error)).toBe(error);
});

it.each([["not an error"], [undefined], [null], [7]])("makes an error of %j", (thrown) => {
  expect(callErrorFrom(thrown)).toMatchObject({ codeName: "UNKNOWN", message: String(thrown) });
});

it("takes an error without a code as it is", () => {
  const error = new TypeError("fetch failed");
  expect(callErrorFrom(error)).toMatchObject({ codeName: "UNKNOWN", message: "fetch failed", cause: error });
});

const details: readonly (readonly [string, Uint8Array])[] = [
  ["none", new Uint8Array()],
  ["rubbish", Buffer.from("rubbish")],
  ["details of another kind", toBinary(StatusSchema, statusWith(anyPack(TimestampSchema, create(TimestampSchema))))],
  [
    "details that do not parse",
    toBinary(StatusSchema, statusWith({ ...rubbishAny(), $typeName: "google.protobuf.Any" })),
  ],
];

function rubbishAny() {
  return { typeUrl: "type.googleapis.com/google.rpc.ErrorInfo", value: Buffer.from([0xff]) };
}

function statusWith(any: Parameters<typeof anyPack>[2]) {
  return create(StatusSchema, { code: 3, message: "no", details: any === undefined ? [] : [any] });
}

it.each(details)("stands on its code and its text where the details are %s", (_name, bytes) => {
  const metadata = new Metadata();
  metadata.set(statusDetailsKey, Buffer.from(bytes));
  const error = callErrorFrom(Object.assign(new Error("3 INVALID_ARGUMENT: no"), { code: 3, details: "no", metadata }));
  expect(error).toMatchObject({ codeName: "INVALID_ARGUMENT", message: "no", reason: null, field: null, metadata: {} });
});
