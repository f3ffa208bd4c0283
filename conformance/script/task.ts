import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Payload, PayloadSchema } from "../../gen/sitq/v1/payload_pb.js";
import { type Task, TaskSchema, TaskState } from "../../gen/sitq/v1/task_pb.js";
import { fromValue, type JsonValue, toValue } from "../../src/contract/json-value.ts";

/** The queue of every scripted task. */
export const queueName = "conformance";

/** A task as a server hands it out. */
export function scriptedTask(
  id: string,
  type: string,
  payload: JsonValue,
  overrides: MessageInitShape<typeof TaskSchema> = {},
): Task {
  const nowMs = Date.now();
  return create(TaskSchema, {
    id,
    queue: queueName,
    type,
    payload: jsonPayload(payload),
    attempt: 1,
    maxAttempts: 5,
    state: TaskState.RUNNING,
    createTime: timestampFromMs(nowMs - 1_000),
    scheduleTime: timestampFromMs(nowMs - 1_000),
    startTime: timestampFromMs(nowMs),
    ...overrides,
  });
}

/** Tasks of one type and payload: `a-1`, `a-2`, … */
export function scriptedTasks(count: number, prefix: string, type: string, payload: JsonValue): Task[] {
  return Array.from({ length: count }, (_, index) => scriptedTask(`${prefix}-${index + 1}`, type, payload));
}

/** A payload that holds a JSON value. */
export function jsonPayload(value: JsonValue): Payload {
  return create(PayloadSchema, { kind: { case: "json", value: toValue(value) } });
}

/** The JSON value of a payload; `undefined`: it holds none. */
export function jsonOf(payload: Payload | undefined): JsonValue | undefined {
  return payload?.kind.case === "json" ? fromValue(payload.kind.value) : undefined;
}
