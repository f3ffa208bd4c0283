import { create, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { TaskSchema, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { StoredEvent } from "../../../src/domain/events/event.ts";
import type { ClaimedTask } from "../../../src/domain/tasks/task.ts";
import { codecOf } from "../../../src/grpc/message-codec.ts";
import { toClaimedTask, toCreatedTask } from "../../../src/rpc/convert/task.ts";
import { newTask } from "../../harness/calls/builders.ts";

const binary = create(PayloadSchema, { kind: { case: "binary", value: Buffer.alloc(300, 7) } });
const payload = toBinary(PayloadSchema, binary);

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
  id: "order-7-created",
  type: "order.created",
  sourceService: "shop",
  subject: null,
  time: null,
  data: null,
  correlationId: null,
  causationId: null,
  attributes: null,
  position: "06z3a3mh80000",
  publishMs: 1_764_000_000_001,
};
const delivery = { kind: "delivery", eventId: "order-7-created", sourceService: "shop", subscription: "mail" } as const;
const step = { kind: "step", workflowId: "06z3a3mh803", stepId: "pack", isCompensation: true } as const;

const codec = codecOf(TaskSchema);

/** The task as its worker decodes it. */
const received = (task: ClaimedTask) => codec.decode(codec.encode(toClaimedTask(task)));

test("a worker gets a task with all that is said of it", () => {
  const claimed: ClaimedTask = {
    ...plain,
    priority: -1_000,
    attemptTimeoutMs: 1_500,
    expireMs: 1_764_000_001_000,
    correlationId: "ä-1",
    sourceService: "shop",
    headers: '{"":"","ä":"é"}',
  };
  expect(received(claimed)).toEqual(
    create(TaskSchema, {
      id: plain.id,
      queue: "orders",
      type: "ship",
      payload: binary,
      priority: -1_000,
      state: TaskState.RUNNING,
      attempt: 1,
      maxAttempts: 5,
      correlationId: "ä-1",
      sourceService: "shop",
      workerId: "w-1",
      attemptTimeout: { seconds: 1n, nanos: 500_000_000 },
      expireTime: { seconds: 1_764_000_001n },
      createTime: { seconds: 1_764_000_000n, nanos: 123_000_000 },
      headers: { "": "", ä: "é" },
    }),
  );
  expect(received({ ...plain, payload: null }).payload).toBeUndefined();
});

test("a worker gets a step with the results of those before it, empty ones too", () => {
  const task = received({
    ...plain,
    origin: step,
    step: { results: { charge: null, reserve: payload }, expressions: null },
  });
  expect(task.origin).toMatchObject({ workflowId: step.workflowId, stepId: "pack", isCompensation: true });
  expect(task.results).toEqual({ charge: create(PayloadSchema), reserve: binary });
});

test("a worker gets a delivery with the head of its event", () => {
  const detailed = {
    ...event,
    subject: "order-7",
    correlationId: "c",
    causationId: "d",
    publishMs: 1_764_000_000_000,
    time: { seconds: -1, nanos: 999_999_999 },
    attributes: { dataschema: "https://x.example", level: -3, replayed: false, empty: "" },
  };
  const task = received({ ...plain, origin: delivery, event: detailed });
  expect(task.origin).toMatchObject({ eventId: event.id, eventSourceService: "shop", subscription: "mail" });
  expect(task.event).toMatchObject({
    id: event.id,
    subject: "order-7",
    correlationId: "c",
    causationId: "d",
    position: event.position,
    time: { seconds: -1n, nanos: 999_999_999 },
    attributes: {
      dataschema: { kind: { case: "stringValue", value: "https://x.example" } },
      level: { kind: { case: "numberValue", value: -3 } },
      replayed: { kind: { case: "boolValue", value: false } },
      empty: { kind: { case: "stringValue", value: "" } },
    },
  });
  expect(received({ ...plain, origin: delivery, event }).event?.time).toMatchObject({ seconds: 1_764_000_000n });
});

test("a payload goes out as it is stored, sound or not", () => {
  for (const stored of [payload, Uint8Array.of(7, 7, 7), new Uint8Array()]) {
    const bytes = codec.encode(toClaimedTask({ ...plain, payload: stored }));
    const whole = new BinaryWriter()
      .tag(TaskSchema.field.payload.number, WireType.LengthDelimited)
      .bytes(stored)
      .finish();
    expect(bytes.includes(Buffer.from(whole))).toBe(true);
  }
});

test("the answer to an enqueue holds what the store has added, and no payload", () => {
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
  expect(codec.decode(codec.encode(toCreatedTask(created)))).toEqual(create(TaskSchema, task));
});
