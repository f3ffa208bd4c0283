import { create, toBinary } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { GetEventResponseSchema } from "../../../gen/sitq/v1/event_service_pb.js";
import { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { defaultRetryPolicy } from "../../../src/domain/retry.ts";
import type { Task } from "../../../src/domain/tasks/task.ts";
import { toTask } from "../../../src/rpc/convert/task.ts";
import { toDeliveries } from "../../../src/rpc/events/delivery.ts";

/** What every gRPC client accepts by default. */
const mostBytes = 4 * 1_048_576;

function task(changes: Partial<Task>): Task {
  return {
    id: "05fwrvsh001",
    queue: "mail",
    type: "order.created",
    payload: null,
    headers: null,
    priority: 0,
    state: "completed",
    scheduleMs: null,
    expireMs: null,
    attempt: 1,
    maxAttempts: 5,
    attemptBase: 0,
    attemptTimeoutMs: null,
    retryPolicy: defaultRetryPolicy,
    correlationId: null,
    sourceService: null,
    deduplicationKey: null,
    requestId: null,
    workerId: "w".repeat(100),
    result: null,
    error: null,
    progress: null,
    origin: null,
    event: null,
    createMs: 1,
    startMs: 2,
    finishMs: 3,
    ...changes,
  };
}

/** The report of a thousand deliveries of an event with the largest data. */
function report(changes: Partial<Task>) {
  const eventBytes = 1_048_576;
  const deliveries = toDeliveries(
    Array.from({ length: 1_000 }, () => ({ subscription: "s".repeat(100), task: task(changes) })),
    eventBytes,
  );
  const bytes = toBinary(GetEventResponseSchema, create(GetEventResponseSchema, { deliveries })).length + eventBytes;
  return { deliveries, bytes };
}

it("leaves out results where the report would grow too large to send, and names every delivery", () => {
  const kind = { case: "binary" as const, value: new Uint8Array(10_000) };
  const result = toBinary(PayloadSchema, create(PayloadSchema, { kind }));
  const { deliveries, bytes } = report({ result });
  expect(bytes).toBeLessThan(mostBytes);
  expect(deliveries).toHaveLength(1_000);
  expect(deliveries[0]?.result).toBeDefined();
  expect(deliveries.at(-1)).toMatchObject({ state: TaskState.COMPLETED, attempt: 1 });
  expect(deliveries.at(-1)?.result).toBeUndefined();
});

it("leaves out the texts of errors where the report would grow too large, but not their types", () => {
  const error = { type: "T".repeat(200), message: "m".repeat(8_192), stackTrace: "s".repeat(16_384) };
  const { deliveries, bytes } = report({ state: "failed", error });
  expect(bytes).toBeLessThan(mostBytes);
  expect(deliveries[0]?.lastError).toMatchObject(error);
  expect(deliveries.at(-1)?.lastError).toMatchObject({ type: error.type, message: "", stackTrace: "" });
});

it("leaves out a payload that is no message any more, and lists what it belongs to all the same", () => {
  const listed = toTask(task({ payload: new Uint8Array([0x0a, 0xff]), result: new Uint8Array([0xff]) }));
  expect(listed).toMatchObject({ id: "05fwrvsh001" });
  expect([listed.payload, listed.result]).toEqual([undefined, undefined]);
  expect(report({ result: new Uint8Array([0xff]) }).deliveries).toHaveLength(1_000);
});
