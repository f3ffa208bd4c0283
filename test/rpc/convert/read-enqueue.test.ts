import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  EnqueueBatchRequestSchema,
  type EnqueueRequest,
  EnqueueRequestSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { SitqError } from "../../../src/domain/errors.ts";
import { MalformedMessage } from "../../../src/rpc/adapter/codec.ts";
import { fromEnqueueRequest } from "../../../src/rpc/convert/new-task.ts";
import {
  isPlainRequest,
  type ReadRequest,
  readEnqueueBatchRequest,
  readEnqueueRequest,
} from "../../../src/rpc/convert/read-enqueue.ts";

const rules = { maxPayloadBytes: 300, nowMs: 1_000 };

/** What becomes of a request: the task, or how it is refused. */
function outcomeOf(read: () => ReadRequest) {
  let request: ReadRequest;
  try {
    request = read();
  } catch {
    return "malformed";
  }
  return outcomeOfRead(request);
}

function outcomeOfRead(request: ReadRequest) {
  try {
    const task = fromEnqueueRequest(request, rules);
    return { ...task, payload: task.payload && Buffer.from(task.payload).toString("hex") };
  } catch (error) {
    if (error instanceof MalformedMessage) return "malformed";
    if (!(error instanceof SitqError)) throw error;
    return { reason: error.reason, message: error.message };
  }
}

const bytes = fc.uint8Array({ maxLength: 400 });
const word = fc.oneof(fc.constantFrom("", "orders", "x".repeat(101), "é", "a b"), fc.string({ maxLength: 40 }));
const payload = fc.oneof(
  fc.constant(undefined),
  fc.constant({}),
  bytes.map((value) => ({ kind: { case: "binary" as const, value } })),
  fc.constant({
    kind: { case: "json" as const, value: { kind: { case: "stringValue" as const, value: "hello" } } },
  }),
  bytes.map((value) => ({ kind: { case: "message" as const, value: { typeUrl: "type/x", value } } })),
);
const plainTask = {
  queue: word,
  type: word,
  payload,
  priority: fc.oneof(
    fc.constant(0),
    fc.integer({ min: -200, max: 200 }),
    fc.maxSafeInteger().map((n) => n | 0),
  ),
  correlationId: word,
  sourceService: word,
};
const rareTask = {
  headers: fc.dictionary(word, word, { maxKeys: 2 }),
  maxAttempts: fc.integer({ min: -1, max: 3 }),
  deduplicationKey: word,
  delay: fc.option(fc.record({ seconds: fc.bigInt(-1n, 9n) }), { nil: undefined }),
  attempt: fc.integer({ min: 0, max: 1 }),
};
const request: fc.Arbitrary<MessageInitShape<typeof EnqueueRequestSchema>> = fc.record({
  task: fc.option(fc.oneof(fc.record(plainTask), fc.record({ ...plainTask, ...rareTask })), { nil: undefined }),
  requestId: word,
  duplicatePolicy: fc.integer({ min: 0, max: 4 }),
});

function encoded(init: MessageInitShape<typeof EnqueueRequestSchema>): Uint8Array {
  return toBinary(EnqueueRequestSchema, create(EnqueueRequestSchema, init));
}

/** The long way. */
function decoded(of: Uint8Array): EnqueueRequest {
  return fromBinary(EnqueueRequestSchema, of);
}

it("reads what the decoder reads, or refuses it alike", () => {
  fc.assert(
    fc.property(request, (init) => {
      const sent = encoded(init);
      expect(outcomeOf(() => readEnqueueRequest(sent))).toEqual(outcomeOf(() => decoded(sent)));
    }),
    { numRuns: 500 },
  );
});

it("takes nothing of what was damaged on the way in another way than the decoder does", () => {
  const damage = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.boolean() });
  fc.assert(
    fc.property(request, fc.array(damage, { minLength: 1, maxLength: 3 }), (init, damages) => {
      let sent = Uint8Array.from(encoded(init));
      for (const { at, byte, cut } of damages) {
        const place = at % (sent.length + 1);
        if (cut) sent = sent.slice(0, place);
        else sent[place] = byte;
      }
      const [short, long] = [outcomeOf(() => readEnqueueRequest(sent)), outcomeOf(() => decoded(sent))];
      // Of lengths that do not fit together the decoder takes some; and what is wrong beside a payload may be found before it is looked at.
      if (short !== "malformed" && long !== "malformed") expect(short).toEqual(long);
      else if (short !== "malformed") expect(short).toHaveProperty("reason");
    }),
    { numRuns: 2_000 },
  );
});

it("reads every request of a batch by itself, plain or not", () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 5 }), (inits) => {
      const sent = toBinary(EnqueueBatchRequestSchema, create(EnqueueBatchRequestSchema, { requests: inits }));
      const outcomes = readEnqueueBatchRequest(sent).requests.map(outcomeOfRead);
      expect(outcomes).toEqual(inits.map((init) => outcomeOf(() => decoded(encoded(init)))));
    }),
    { numRuns: 200 },
  );
});

it("refuses a batch that ends in the middle of a request", () => {
  const one = encoded({ task: { queue: "orders", type: "ship" } });
  expect(() => readEnqueueBatchRequest(Uint8Array.of(10, one.length + 1, ...one))).toThrow();
  expect(readEnqueueBatchRequest(Uint8Array.of(10, one.length, ...one)).requests).toHaveLength(1);
});

it("goes the short way for a plain task, and stores its payload as it came", () => {
  const value = new Uint8Array(200).fill(7);
  const plain = readEnqueueRequest(
    encoded({ task: { queue: "orders", type: "ship", payload: { kind: { case: "binary", value } } }, requestId: "r" }),
  );
  expect(isPlainRequest(plain) && plain.payload).toEqual(Uint8Array.of(0x12, 200, 1, ...value));
});

it("stores the shortest form of a payload, whatever form came", () => {
  // Its length in two bytes where one is enough: equal content is equal when it is stored.
  const task = Buffer.concat([Buffer.from([18, 1, 113, 26, 1, 116, 34, 5, 0x12, 0x82, 0, 1, 2])]);
  const sent = Uint8Array.of(10, task.length, ...task);
  expect(outcomeOf(() => readEnqueueRequest(sent))).toMatchObject({ payload: "12020102" });
});
