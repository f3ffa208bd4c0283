import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { DuplicatePolicy, EnqueueRequestSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { SitqError } from "../../../src/domain/errors.ts";
import type { NewTask } from "../../../src/domain/tasks/task.ts";
import { codecOf } from "../../../src/grpc/message-codec.ts";
import { fromEnqueueRequest } from "../../../src/rpc/queue/new-task.ts";
import { readPlainRequest } from "../../../src/rpc/queue/plain-request.ts";

const rules = { maxPayloadBytes: 300, nowMs: 1_000, principal: "shop" };
const { decodeOpaque } = codecOf(EnqueueRequestSchema);

/** The task by way of the message; `null`: it is refused, or is no message. */
function byMessage(bytes: Uint8Array): NewTask | null {
  try {
    return fromEnqueueRequest(decodeOpaque(bytes), rules);
  } catch (error) {
    if (error instanceof SitqError || !(error instanceof TypeError)) return null;
    throw error;
  }
}

/** Read in the middle of other bytes, as in a batch. */
function byEncoding(bytes: Uint8Array): NewTask | null {
  const around = Buffer.concat([Buffer.of(0x12, 1), bytes, Buffer.of(0x12, 1, 0x41)]);
  return readPlainRequest(around, 2, 2 + bytes.length, rules);
}

const text = fc.oneof(
  fc.constantFrom("", "orders", "mail.send", "a b", "é", "-x", "x".repeat(100), "x".repeat(101), "x".repeat(257)),
  fc.string({ maxLength: 20 }),
);
const payload: fc.Arbitrary<MessageInitShape<typeof PayloadSchema>> = fc.oneof(
  fc.uint8Array({ maxLength: 320 }).map((value) => ({ kind: { case: "binary" as const, value } })),
  fc.constantFrom("a", "b").map((key) => ({
    kind: {
      case: "json" as const,
      value: {
        kind: {
          case: "structValue" as const,
          value: { fields: { [key]: { kind: { case: "boolValue" as const, value: true } }, aa: {} } },
        },
      },
    },
  })),
  fc.constant({}),
);
const headers = fc.oneof(
  fc.constantFrom<Record<string, string>[]>({}, { a: "b" }),
  fc.dictionary(fc.constantFrom("traceparent", "tracestate"), fc.oneof(text, fc.constantFrom('"', "\\", "00-ab")), {
    noNullPrototype: true,
  }),
);
const task = fc.record(
  {
    queue: text,
    type: text,
    payload,
    priority: fc.constantFrom(0, 1, 127, 128, 1_000, 1_001, -1),
    correlationId: text,
    sourceService: text,
    deduplicationKey: text,
    headers,
    maxAttempts: fc.constantFrom(0, 3),
    delay: fc.constant({ seconds: 1n }),
  },
  { requiredKeys: ["queue", "type"] },
);
const request = fc.record(
  { task, requestId: text, duplicatePolicy: fc.constantFrom(DuplicatePolicy.UNSPECIFIED, DuplicatePolicy.REFUSE) },
  { requiredKeys: ["task"] },
);
/** Encoded as it should be, or with a few bytes changed, left out or put in. */
const encoded = fc
  .tuple(request, fc.array(fc.tuple(fc.nat(400), fc.nat(255), fc.constantFrom(0, 1, 2)), { maxLength: 3 }))
  .map(([init, changes]) => {
    const bytes = [...toBinary(EnqueueRequestSchema, create(EnqueueRequestSchema, init))];
    for (const [at, byte, removed] of changes)
      bytes.splice(at % (bytes.length + 1), removed, ...(removed === 2 ? [] : [byte]));
    return Uint8Array.from(bytes);
  });

it("reads the same task from the encoding as from the message, or none", () => {
  fc.assert(
    fc.property(encoded, (bytes) => {
      const plain = byEncoding(bytes);
      if (plain !== null) expect(plain).toEqual(byMessage(bytes));
    }),
    { numRuns: 5_000 },
  );
});

it("reads the usual request from its encoding", () => {
  const usual = {
    queue: "orders",
    type: "mail.send",
    payload: { kind: { case: "binary" as const, value: new Uint8Array(200) } },
    priority: 3,
    correlationId: "order-7",
    sourceService: "shop",
    headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
  };
  const stateFirst = { tracestate: "a=1,b=2", ...usual.headers };
  for (const task of [usual, { ...usual, headers: stateFirst }, { queue: "orders", type: "mail.send" }]) {
    for (const requestId of ["", "r-1"]) {
      const bytes = toBinary(EnqueueRequestSchema, create(EnqueueRequestSchema, { task, requestId }));
      expect(byEncoding(bytes)).toEqual(byMessage(bytes));
      expect(byEncoding(bytes)).not.toBeNull();
    }
  }
});
