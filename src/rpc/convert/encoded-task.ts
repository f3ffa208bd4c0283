/**
 * The messages that carry tasks by the tens of thousands a second, written field by field: 0.8 µs for a claimed task instead of
 * 3.3 for building the message and encoding that. What is out of the ordinary goes the long way, and a test holds the two to the
 * same bytes. A payload goes out as it is stored: nobody looks into it.
 */

import { type DescField, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import {
  EnqueueBatchResponseSchema,
  EnqueueResponseSchema,
  type EnqueueResult,
  EnqueueResultSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskSchema, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import {
  SettledOutcomeSchema,
  type SettleStatus,
  WorkResponse_SettledSchema,
  WorkResponse_TasksSchema,
  WorkResponseSchema,
} from "../../../gen/sitq/v1/worker_service_pb.js";
import type { ClaimedTask } from "../../domain/task.ts";
import type { Enqueued } from "../../queue/tasks.ts";
import { EncodedMessage } from "../adapter/encoded-message.ts";
import { states, toClaimedTask } from "./task.ts";

const task = TaskSchema.field;
const time = TimestampSchema.field;
const outcome = SettledOutcomeSchema.field;

/** The message `tasks` of a Work stream. */
export function encodeTasks(tasks: readonly ClaimedTask[]): EncodedMessage {
  const writer = new BinaryWriter();
  begin(writer, WorkResponseSchema.field.tasks);
  for (const each of tasks) {
    begin(writer, WorkResponse_TasksSchema.field.tasks);
    if (isPlain(each)) writeClaimedTask(writer, each);
    else writer.raw(toBinary(TaskSchema, toClaimedTask(each)));
    writer.join();
  }
  return new EncodedMessage(writer.join().finish());
}

function isPlain({ headers, origin, event, step }: ClaimedTask): boolean {
  return headers === null && origin === null && event === null && step === null;
}

function writeClaimedTask(writer: BinaryWriter, claimed: ClaimedTask): void {
  text(writer, task.id, claimed.id);
  text(writer, task.queue, claimed.queue);
  text(writer, task.type, claimed.type);
  if (claimed.payload !== null) writer.tag(task.payload.number, WireType.LengthDelimited).bytes(claimed.payload);
  number(writer, task.priority, claimed.priority);
  number(writer, task.state, TaskState.RUNNING);
  number(writer, task.attempt, claimed.attempt);
  number(writer, task.maxAttempts, claimed.maxAttempts);
  seconds(writer, task.attemptTimeout, claimed.attemptTimeoutMs);
  seconds(writer, task.expireTime, claimed.expireMs);
  text(writer, task.correlationId, claimed.correlationId);
  text(writer, task.sourceService, claimed.sourceService);
  text(writer, task.workerId, claimed.workerId);
  seconds(writer, task.createTime, claimed.createMs);
}

/** One outcome of the message `settled`. */
export interface SettledEntry {
  readonly id: string;
  readonly attempt: number;
  readonly status: SettleStatus;
}

/** The message `settled` of a Work stream, if no outcome of it was rejected. */
export function encodeSettled(outcomes: readonly SettledEntry[]): EncodedMessage {
  const writer = new BinaryWriter();
  begin(writer, WorkResponseSchema.field.settled);
  for (const { id, attempt, status } of outcomes) {
    begin(writer, WorkResponse_SettledSchema.field.outcomes);
    text(writer, outcome.taskId, id);
    number(writer, outcome.attempt, attempt);
    number(writer, outcome.status, status);
    writer.join();
  }
  return new EncodedMessage(writer.join().finish());
}

/** A task that was stored by this call. */
export type Created = Extract<Enqueued, { readonly created: true }>;

/** An EnqueueResponse for a task that was stored by this call. */
export function encodeCreated(created: Created): EncodedMessage {
  const writer = new BinaryWriter();
  writeCreated(writer, created, EnqueueResponseSchema.field);
  return new EncodedMessage(writer.finish());
}

/** An EnqueueBatchResponse. */
export function encodeResults(results: readonly (Created | EnqueueResult)[]): EncodedMessage {
  const writer = new BinaryWriter();
  for (const result of results) {
    begin(writer, EnqueueBatchResponseSchema.field.results);
    if ("$typeName" in result) writer.raw(toBinary(EnqueueResultSchema, result));
    else writeCreated(writer, result, EnqueueResultSchema.field);
    writer.join();
  }
  return new EncodedMessage(writer.finish());
}

function writeCreated(
  writer: BinaryWriter,
  { request, task: stored }: Created,
  fields: Readonly<Record<"task" | "created", DescField>>,
): void {
  begin(writer, fields.task);
  text(writer, task.id, stored.id);
  text(writer, task.queue, request.queue);
  text(writer, task.type, request.type);
  number(writer, task.priority, request.priority);
  seconds(writer, task.scheduleTime, stored.scheduleMs);
  number(writer, task.state, states[stored.state]);
  number(writer, task.maxAttempts, stored.maxAttempts);
  seconds(writer, task.expireTime, stored.expireMs);
  text(writer, task.correlationId, request.correlationId);
  text(writer, task.sourceService, request.sourceService);
  text(writer, task.deduplicationKey, request.deduplicationKey);
  seconds(writer, task.createTime, stored.createMs);
  text(writer, task.requestId, request.requestId);
  writer.join();
  writer.tag(fields.created.number, WireType.Varint).bool(true);
}

/** Begins a message in a field; `join` ends it. */
function begin(writer: BinaryWriter, field: DescField): void {
  writer.tag(field.number, WireType.LengthDelimited).fork();
}

function text(writer: BinaryWriter, field: DescField, value: string | null): void {
  if (value !== null && value !== "") writer.tag(field.number, WireType.LengthDelimited).string(value);
}

function number(writer: BinaryWriter, field: DescField, value: number): void {
  if (value !== 0) writer.tag(field.number, WireType.Varint).int32(value);
}

/** A Timestamp or a Duration, which are written alike. */
function seconds(writer: BinaryWriter, field: DescField, ms: number | null): void {
  if (ms === null) return;
  const whole = Math.floor(ms / 1_000);
  const nanos = Math.round((ms - whole * 1_000) * 1_000_000);
  begin(writer, field);
  if (whole !== 0) writer.tag(time.seconds.number, WireType.Varint).int64(whole);
  number(writer, time.nanos, nanos);
  writer.join();
}
