import { create, fromJson, type JsonObject, type JsonValue } from "@bufbuild/protobuf";
import { AnySchema, type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import {
  fromPayload,
  type Payload,
  type Task,
  type TaskDefinition,
  type TaskOptions,
  TaskSchema,
  toPayload,
} from "../../../client/index.ts";
import { type CommandFailure, wrongUsage } from "../../command/command-failure.ts";
import { parsePayload } from "../../input/payload.ts";
import { printable } from "../../terminal/printable.ts";
import { msOf } from "../../terminal/times.ts";

/** A task as a file has it, to be enqueued as a new one. */
export interface ExportedTask {
  /** Its id; empty: it has none, since it was written by hand. */
  readonly id: string;
  readonly queue: string;
  readonly definition: TaskDefinition<Payload, unknown, never, unknown>;
  readonly payload: Payload;
  readonly options: TaskOptions;
}

/** What of a task goes into a new one, or says whether it may. */
const kept: ReadonlySet<string> = new Set<keyof Task>([
  "id",
  "queue",
  "type",
  "headers",
  "priority",
  "scheduleTime",
  "maxAttempts",
  "retryPolicy",
  "attemptTimeout",
  "expireTime",
  "correlationId",
  "deduplicationKey",
  "origin",
  "damagedFields",
]);

/**
 * Reads a line that `sitq export` wrote. Of a task written by hand only `queue` and `type` must be there.
 *
 * @param nowMs times before this one are left out: a new task would expire at once
 * @throws CommandFailure if it is no task, or one that cannot be enqueued as a new one
 */
export function exportedTask(line: Uint8Array, nowMs: number): ExportedTask {
  const json = parsePayload(line, "json", "it");
  if (!isObject(json)) throw noTask("not an object");
  const task = readTask(json);
  if (task.damagedFields.includes("payload")) throw wrongUsage(`the payload of task ${task.id} is damaged`);
  const { subscription = "", workflowId = "" } = task.origin ?? {};
  if (subscription !== "") {
    throw wrongUsage(`task ${task.id} delivers an event`, { hint: `Deliver it again: sitq replay ${subscription}` });
  }
  if (workflowId !== "") {
    throw wrongUsage(`task ${task.id} is a step of a workflow`, { hint: `See: sitq workflows retry ${workflowId}` });
  }
  const codec = { encode: (payload: Payload) => payload, decode: fromPayload };
  return {
    id: task.id,
    queue: task.queue,
    definition: { type: task.type, queue: null, input: codec, result: codec },
    payload: readPayload(json.payload),
    options: optionsOf(task, nowMs),
  };
}

function readTask(json: JsonObject): Task {
  const known = Object.fromEntries(Object.entries(json).filter(([name]) => kept.has(name)));
  try {
    return fromJson(TaskSchema, known, { ignoreUnknownFields: true });
  } catch (error) {
    throw noTask(error instanceof Error ? error.message : String(error));
  }
}

function optionsOf(task: Task, nowMs: number): TaskOptions {
  const { priority, headers, correlationId, deduplicationKey, maxAttempts, retryPolicy, attemptTimeout } = task;
  const [scheduleMs, expireMs] = [msOf(task.scheduleTime) ?? 0, msOf(task.expireTime) ?? 0];
  return {
    priority,
    headers,
    ...(correlationId !== "" && { correlationId }),
    ...(deduplicationKey !== "" && { deduplicationKey }),
    ...(maxAttempts > 0 && { maxAttempts }),
    ...(retryPolicy && { retryPolicy: policyOf(retryPolicy) }),
    ...(attemptTimeout && { attemptTimeoutMs: durationMs(attemptTimeout) }),
    ...(scheduleMs > nowMs && { scheduleTime: new Date(scheduleMs) }),
    ...(expireMs > nowMs && { expireTime: new Date(expireMs) }),
  };
}

function policyOf({
  initialBackoff,
  maxBackoff,
  multiplier,
  jitter,
}: NonNullable<Task["retryPolicy"]>): TaskOptions["retryPolicy"] & object {
  const span = (duration: Duration | undefined) => (duration === undefined ? undefined : durationMs(duration));
  const [initialBackoffMs, maxBackoffMs] = [span(initialBackoff), span(maxBackoff)];
  return {
    ...(initialBackoffMs !== undefined && { initialBackoffMs }),
    ...(maxBackoffMs !== undefined && { maxBackoffMs }),
    ...(multiplier > 0 && { multiplier }),
    ...(jitter !== undefined && { jitter }),
  };
}

/** The payload that `payloadJson` wrote. */
function readPayload(json: JsonValue | undefined): Payload {
  const payload = toPayload(undefined);
  if (json === undefined) return payload;
  if (!isObject(json)) throw noTask("its payload is not an object");
  if (json.json !== undefined) return toPayload(json.json);
  if (json.binary !== undefined) payload.kind = { case: "binary", value: bytesOf(json.binary) };
  const { message } = json;
  if (message === undefined) return payload;
  if (!isObject(message) || typeof message["@type"] !== "string") throw noTask("its message has no @type");
  const value = create(AnySchema, { typeUrl: message["@type"], value: bytesOf(message.value) });
  payload.kind = { case: "message", value };
  return payload;
}

function bytesOf(base64: JsonValue | undefined): Uint8Array<ArrayBuffer> {
  if (typeof base64 !== "string") throw noTask("its bytes are not in base64");
  return new Uint8Array(Buffer.from(base64, "base64"));
}

function isObject(json: unknown): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function noTask(why: string): CommandFailure {
  return wrongUsage(`it is not a task as sitq export writes it: ${printable(why)}`);
}
