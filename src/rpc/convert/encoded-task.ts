/**
 * The messages that carry tasks by the tens of thousands a second, written field by field: 0.8 µs for a claimed task instead of
 * 3.3 for building the message and encoding that. A test holds the two to the same bytes. A payload goes out as it is stored:
 * nobody looks into it.
 */

import { type DescField, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { TimestampSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { EventSchema } from "../../../gen/sitq/v1/event_pb.js";
import {
  EnqueueBatchResponseSchema,
  EnqueueResponseSchema,
  type EnqueueResult,
  EnqueueResultSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskOriginSchema, TaskSchema, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import {
  SettledOutcomeSchema,
  type SettleStatus,
  WorkResponse_SettledSchema,
  WorkResponse_TasksSchema,
  WorkResponseSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import type { StoredEvent } from "../../domain/event.ts";
import type { ClaimedTask, TaskOrigin } from "../../domain/task.ts";
import type { Enqueued } from "../../queue/tasks.ts";
import { EncodedMessage } from "../adapter/encoded-message.ts";
import { toAttribute } from "./event.ts";
import { states } from "./task.ts";

const task = TaskSchema.field;
const origin = TaskOriginSchema.field;
const event = EventSchema.field;
const time = TimestampSchema.field;
const outcome = SettledOutcomeSchema.field;

/** One for all: it keeps what it has grown to. */
const writer = new BinaryWriter();

function written(write: () => void): EncodedMessage {
  try {
    write();
  } catch (error) {
    // It begins the next message anew.
    writer.finish();
    throw error;
  }
  return new EncodedMessage(writer.finish());
}

/** The message `tasks` of a Work stream. */
export function encodeTasks(tasks: readonly ClaimedTask[]): EncodedMessage {
  return written(() => {
    begin(WorkResponseSchema.field.tasks);
    for (const each of tasks) {
      begin(WorkResponse_TasksSchema.field.tasks);
      writeClaimedTask(each);
      writer.join();
    }
    writer.join();
  });
}

function writeClaimedTask(claimed: ClaimedTask): void {
  text(task.id, claimed.id);
  text(task.queue, claimed.queue);
  text(task.type, claimed.type);
  if (claimed.payload !== null) writer.tag(task.payload.number, WireType.LengthDelimited).bytes(claimed.payload);
  entries(task.headers, claimed.headers, (header) => writer.string(header));
  number(task.priority, claimed.priority);
  number(task.state, TaskState.RUNNING);
  number(task.attempt, claimed.attempt);
  number(task.maxAttempts, claimed.maxAttempts);
  seconds(task.attemptTimeout, claimed.attemptTimeoutMs);
  seconds(task.expireTime, claimed.expireMs);
  text(task.correlationId, claimed.correlationId);
  text(task.sourceService, claimed.sourceService);
  text(task.workerId, claimed.workerId);
  seconds(task.createTime, claimed.createMs);
  if (claimed.origin !== null) writeOrigin(claimed.origin);
  if (claimed.event !== null) writeEventHead(claimed.event);
  // A result that is empty is named all the same: whoever reads the map sees that the step is done.
  entries(task.results, claimed.step?.results, (result) => writer.bytes(result ?? new Uint8Array()));
}

function writeOrigin(of: TaskOrigin): void {
  begin(task.origin);
  if (of.kind === "step") {
    text(origin.workflowId, of.workflowId);
    text(origin.stepId, of.stepId);
    if (of.isCompensation) writer.tag(origin.isCompensation.number, WireType.Varint).bool(true);
  } else {
    text(origin.eventId, of.eventId);
    text(origin.subscription, of.subscription);
    text(origin.eventSourceService, of.sourceService);
  }
  writer.join();
}

/** The event without its data, which are the payload. */
function writeEventHead(of: StoredEvent): void {
  begin(task.event);
  text(event.id, of.id);
  text(event.type, of.type);
  text(event.sourceService, of.sourceService);
  text(event.subject, of.subject);
  if (of.time === null) seconds(event.time, of.publishMs);
  else moment(event.time, of.time.seconds, of.time.nanos);
  text(event.correlationId, of.correlationId);
  text(event.causationId, of.causationId);
  entries(event.attributes, of.attributes, (value) => writer.bytes(toBinary(ValueSchema, toAttribute(value))));
  text(event.position, of.position);
  seconds(event.publishTime, of.publishMs);
  writer.join();
}

/** One outcome of the message `settled`. */
export interface SettledEntry {
  readonly id: string;
  readonly attempt: number;
  readonly status: SettleStatus;
}

/** The message `settled` of a Work stream, if no outcome of it was rejected. */
export function encodeSettled(outcomes: readonly SettledEntry[]): EncodedMessage {
  return written(() => {
    begin(WorkResponseSchema.field.settled);
    for (const { id, attempt, status } of outcomes) {
      begin(WorkResponse_SettledSchema.field.outcomes);
      text(outcome.taskId, id);
      number(outcome.attempt, attempt);
      number(outcome.status, status);
      writer.join();
    }
    writer.join();
  });
}

/** A task that was stored by this call. */
export type Created = Extract<Enqueued, { readonly created: true }>;

/** An EnqueueResponse for a task that was stored by this call. */
export function encodeCreated(created: Created): EncodedMessage {
  return written(() => writeCreated(created, EnqueueResponseSchema.field));
}

/** An EnqueueBatchResponse. */
export function encodeResults(results: readonly (Created | EnqueueResult)[]): EncodedMessage {
  return written(() => {
    for (const result of results) {
      begin(EnqueueBatchResponseSchema.field.results);
      if ("$typeName" in result) writer.raw(toBinary(EnqueueResultSchema, result));
      else writeCreated(result, EnqueueResultSchema.field);
      writer.join();
    }
  });
}

function writeCreated(
  { request, task: stored }: Created,
  fields: Readonly<Record<"task" | "created", DescField>>,
): void {
  begin(fields.task);
  text(task.id, stored.id);
  text(task.queue, request.queue);
  text(task.type, request.type);
  number(task.priority, request.priority);
  seconds(task.scheduleTime, stored.scheduleMs);
  number(task.state, states[stored.state]);
  number(task.maxAttempts, stored.maxAttempts);
  seconds(task.expireTime, stored.expireMs);
  text(task.correlationId, request.correlationId);
  text(task.sourceService, request.sourceService);
  text(task.deduplicationKey, request.deduplicationKey);
  seconds(task.createTime, stored.createMs);
  text(task.requestId, request.requestId);
  writer.join();
  writer.tag(fields.created.number, WireType.Varint).bool(true);
}

/** Begins a message in a field; `join` ends it. */
function begin(field: DescField): void {
  writer.tag(field.number, WireType.LengthDelimited).fork();
}

function text(field: DescField, value: string | null): void {
  if (value !== null && value !== "") writer.tag(field.number, WireType.LengthDelimited).string(value);
}

/** A map with texts as keys; `write` writes a value behind its tag. */
function entries<V>(field: DescField, map: Readonly<Record<string, V>> | null | undefined, write: (value: V) => void) {
  for (const key in map) {
    begin(field);
    writer.tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited);
    write(map[key] as V);
    writer.join();
  }
}

function number(field: DescField, value: number): void {
  if (value !== 0) writer.tag(field.number, WireType.Varint).int32(value);
}

/** A Timestamp or a Duration, which are written alike. */
function seconds(field: DescField, ms: number | null): void {
  if (ms === null) return;
  const whole = Math.floor(ms / 1_000);
  moment(field, whole, Math.round((ms - whole * 1_000) * 1_000_000));
}

function moment(field: DescField, whole: number, nanos: number): void {
  begin(field);
  if (whole !== 0) writer.tag(time.seconds.number, WireType.Varint).int64(whole);
  number(time.nanos, nanos);
  writer.join();
}
