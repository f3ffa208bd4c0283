import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import {
  EnqueueBatchResponseSchema,
  EnqueueResponseSchema,
  EnqueueResultSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { SettleStatus, WorkResponseSchema } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { StoredEvent } from "../../../src/domain/event.ts";
import type { ClaimedTask } from "../../../src/domain/task.ts";
import { encodeCreated, encodeResults, encodeSettled, encodeTasks } from "../../../src/rpc/convert/encoded-task.ts";
import { toClaimedTask } from "../../../src/rpc/convert/task.ts";
import { newTask } from "../../support/builders.ts";

const payload = toBinary(
  PayloadSchema,
  create(PayloadSchema, { kind: { case: "binary", value: new Uint8Array(300).fill(7) } }),
);

const plain: ClaimedTask = {
  id: "06z3a3mh804",
  queue: "orders",
  type: "ship",
  payload,
  headers: null,
  priority: 0,
  attempt: 1,
  maxAttempts: 5,
  attemptTimeoutMs: null,
  expireMs: null,
  correlationId: null,
  sourceService: null,
  origin: null,
  event: null,
  step: null,
  createMs: 1_764_000_000_123,
  workerId: "w-1",
};

const event: StoredEvent = {
  ...{ id: "order-7-created", type: "order.created", sourceService: "shop", subject: null, time: null, data: null },
  ...{
    correlationId: null,
    causationId: null,
    attributes: null,
    position: "06z3a3mh80000",
    publishMs: 1_764_000_000_001,
  },
};
const delivery = { kind: "delivery", eventId: "order-7-created", sourceService: "shop", subscription: "mail" } as const;
const step = { kind: "step", workflowId: "06z3a3mh803", stepId: "pack", isCompensation: true } as const;

test("claimed tasks are written as they would be encoded", () => {
  const tasks: ClaimedTask[] = [
    plain,
    { ...plain, payload: null, priority: -1_000, attemptTimeoutMs: 1_500, expireMs: 1_764_000_001_000 },
    { ...plain, correlationId: "ä-1", sourceService: "shop", createMs: 1_764_000_000_000, maxAttempts: 1_000 },
    { ...plain, headers: { traceparent: "00-1" } },
    { ...plain, step: { results: { charge: null, reserve: payload }, expressions: null } },
    { ...plain, headers: { "": "", ä: "é" } },
    { ...plain, origin: step },
    { ...plain, origin: { ...step, isCompensation: false }, step: { results: {}, expressions: null } },
    { ...plain, origin: delivery, event },
    {
      ...{ ...plain, origin: delivery },
      event: {
        ...{ ...event, subject: "order-7", correlationId: "c", causationId: "d", publishMs: 1_764_000_000_000 },
        time: { seconds: -1, nanos: 999_999_999 },
        attributes: { dataschema: "https://x.example", level: -3, replayed: false, empty: "" },
      },
    },
    { ...plain, origin: delivery, event: { ...event, time: { seconds: 0, nanos: 0 } } },
  ];
  const message = create(WorkResponseSchema, {
    message: { case: "tasks", value: { tasks: tasks.map(toClaimedTask) } },
  });
  expect(Buffer.from(encodeTasks(tasks).bytes)).toEqual(Buffer.from(toBinary(WorkResponseSchema, message)));
});

test("a payload goes out as it is stored, sound or not", () => {
  const { bytes } = encodeTasks([{ ...plain, payload: Uint8Array.of(7, 7, 7) }]);
  expect(Buffer.from(bytes).includes(Buffer.of(34, 3, 7, 7, 7))).toBe(true);
});

test("settled outcomes are written as they would be encoded", () => {
  const outcomes = [SettleStatus.SETTLED, SettleStatus.STALE, SettleStatus.NOT_FOUND].map((status, index) => {
    return { id: `task-${index}`, attempt: index, status };
  });
  const value = { outcomes: outcomes.map(({ id: taskId, attempt, status }) => ({ taskId, attempt, status })) };
  const message = create(WorkResponseSchema, { message: { case: "settled", value } });
  expect(Buffer.from(encodeSettled(outcomes).bytes)).toEqual(Buffer.from(toBinary(WorkResponseSchema, message)));
});

test("the answers to enqueues hold what the store has added, and no payload", () => {
  const request = newTask({
    priority: -1,
    correlationId: "c",
    sourceService: "s",
    deduplicationKey: "d",
    requestId: "r",
  });
  const created = {
    created: true,
    request: { ...request, payload },
    task: { id: "i", state: "scheduled", maxAttempts: 3, scheduleMs: 4_000, expireMs: 5_500, createMs: 1_001 },
  } as const;
  const task = {
    id: "i",
    queue: request.queue,
    type: request.type,
    priority: -1,
    state: TaskState.SCHEDULED,
    maxAttempts: 3,
    scheduleTime: { seconds: 4n },
    expireTime: { seconds: 5n, nanos: 500_000_000 },
    createTime: { seconds: 1n, nanos: 1_000_000 },
    correlationId: "c",
    sourceService: "s",
    deduplicationKey: "d",
    requestId: "r",
  };
  const response = create(EnqueueResponseSchema, { task, created: true });
  expect(Buffer.from(encodeCreated(created).bytes)).toEqual(Buffer.from(toBinary(EnqueueResponseSchema, response)));

  const refused = create(EnqueueResultSchema, { error: { code: 8, message: "full" } });
  const batch = create(EnqueueBatchResponseSchema, { results: [{ task, created: true }, refused] });
  const { bytes } = encodeResults([created, refused]);
  expect(fromBinary(EnqueueBatchResponseSchema, bytes)).toEqual(batch);
  expect(Buffer.from(bytes)).toEqual(Buffer.from(toBinary(EnqueueBatchResponseSchema, batch)));
});
