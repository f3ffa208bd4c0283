import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EnqueueBatchRequestSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { openPrincipal } from "../../../src/domain/access/principal.ts";
import { wholeScope } from "../../../src/domain/access/scope.ts";
import { SitqError } from "../../../src/domain/errors.ts";
import { MalformedMessage } from "../../../src/grpc/codec.ts";
import { codecOf } from "../../../src/grpc/message-codec.ts";
import { fromEnqueueBatch } from "../../../src/rpc/queue/enqueue-batch.ts";

const context = { principal: openPrincipal, scope: wholeScope, itemsRefused: () => undefined, notes: null };
const rules = { maxPayloadBytes: 300, nowMs: 1_000, principal: "" };
const usual = { queue: "orders", type: "mail.send" };
const codec = codecOf(EnqueueBatchRequestSchema);

function read(bytes: Uint8Array) {
  const { tasks, atomic } = fromEnqueueBatch(EnqueueBatchRequestSchema, codec.decodeOpaque(bytes), rules, context);
  const types = tasks.map((task) => (task instanceof SitqError ? task.reason : task.type));
  return { types, atomic };
}

const batch = create(EnqueueBatchRequestSchema, {
  requests: [
    { task: usual },
    { task: { ...usual, type: "delayed", delay: { seconds: 1n } } },
    { task: { ...usual, queue: "" } },
    {},
  ],
});
const types = ["mail.send", "delayed", "INVALID_FIELD", "INVALID_FIELD"];

it("reads usual and other tasks in their order, a refusal in the place of each that is refused", () => {
  expect(read(toBinary(EnqueueBatchRequestSchema, batch))).toEqual({ types, atomic: false });
  const { tasks } = fromEnqueueBatch(EnqueueBatchRequestSchema, batch, rules, context);
  expect(tasks).toHaveLength(4);
});

it("passes over fields that a newer client sends", () => {
  const bytes = [...toBinary(EnqueueBatchRequestSchema, batch), 0x10, 1, 0x7a, 2, 0x0a, 0, 0x80, 0x01, 7];
  expect(read(Uint8Array.from(bytes))).toMatchObject({
    atomic: true,
    types: expect.arrayContaining(["BATCH_REFUSED"]),
  });
});

it.each([
  ["a request of the wrong wire type", [0x08, 5]],
  ["a task that is cut off", [0x0a, 3, 0x0a, 5, 0x12]],
  ["a text that is no UTF-8", [0x0a, 5, 0x0a, 3, 0x12, 1, 0xff]],
])("refuses %s", (_, bytes) => {
  expect(() => read(Uint8Array.from(bytes))).toThrow(MalformedMessage);
});
