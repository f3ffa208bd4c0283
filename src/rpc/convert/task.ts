import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import {
  FailureGroupSchema,
  TaskChangeSchema,
  type TaskChange as WireChange,
  type FailureGroup as WireFailureGroup,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import {
  AttemptOutcome,
  TaskAttemptSchema,
  TaskErrorSchema,
  TaskOriginSchema,
  TaskProgressSchema,
  TaskSchema,
  TaskState,
  type TaskError as WireError,
  type TaskOrigin as WireOrigin,
  type Task as WireTask,
} from "../../../gen/sitq/v1/task_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { limits } from "../../contract/limits.ts";
import { parseHeaders } from "../../contract/trace-context.ts";
import type { FailureGroup } from "../../domain/operators/failure-group.ts";
import type {
  ClaimedStep,
  ClaimedTask,
  AttemptOutcome as DomainOutcome,
  TaskState as DomainState,
  Task,
  TaskAttempt,
  TaskChange,
  TaskError,
  TaskOrigin,
} from "../../domain/tasks/task.ts";
import type { Encodable } from "../../grpc/message-codec.ts";
import type { Enqueued } from "../../queue/tasks/enqueued.ts";
import { cutText, parseStates } from "./checks.ts";
import { toEventHead } from "./event.ts";
import { toDeliveredPayload, toListedPayloads } from "./payload.ts";
import { shownRequestId } from "./request-id.ts";
import { toRetryPolicy } from "./retry-policy.ts";
import { toDuration, toTimestamp, toTimestamps } from "./times.ts";

const { values: states, words: stateWords } = protoEnum<DomainState, TaskState>()({
  blocked: TaskState.BLOCKED,
  scheduled: TaskState.SCHEDULED,
  pending: TaskState.PENDING,
  running: TaskState.RUNNING,
  completed: TaskState.COMPLETED,
  failed: TaskState.FAILED,
  cancelled: TaskState.CANCELLED,
});

const { values: outcomes } = protoEnum<DomainOutcome, AttemptOutcome>()({
  completed: AttemptOutcome.COMPLETED,
  failed: AttemptOutcome.FAILED,
  released: AttemptOutcome.RELEASED,
  lease_lost: AttemptOutcome.LEASE_LOST,
  timed_out: AttemptOutcome.TIMED_OUT,
  cancelled: AttemptOutcome.CANCELLED,
});

/** A state as it goes out. */
export function toTaskState(state: DomainState): TaskState {
  return states[state];
}

/** States that are asked for, none twice. @throws SitqError with the field's path */
export function fromTaskStates(field: string, values: readonly TaskState[]): DomainState[] {
  return parseStates(field, values, stateWords, "a task");
}

/** A stored task as it goes out; what the record does not hold is left out. */
export function toTask(task: Task): WireTask {
  const { payloads, damagedFields } = toListedPayloads(
    { payload: task.payload, result: task.result },
    task.damagedFields,
  );
  return create(TaskSchema, {
    id: task.id,
    queue: task.queue,
    type: task.type,
    ...payloads,
    damagedFields,
    headers: { ...task.headers },
    priority: task.priority,
    state: states[task.state],
    attempt: task.attempt,
    maxAttempts: task.maxAttempts,
    retryPolicy: toRetryPolicy(task.retryPolicy),
    ...(task.attemptTimeoutMs !== null && { attemptTimeout: toDuration(task.attemptTimeoutMs) }),
    createTime: toTimestamp(task.createMs),
    ...toTimestamps({
      scheduleTime: task.scheduleMs,
      expireTime: task.expireMs,
      startTime: task.startMs,
      finishTime: task.finishMs,
    }),
    correlationId: task.correlationId ?? "",
    sourceService: task.sourceService ?? "",
    deduplicationKey: task.deduplicationKey ?? "",
    requestId: shownRequestId(task.requestId),
    workerId: task.workerId ?? "",
    ...(task.error && { lastError: toTaskError(task.error) }),
    ...(task.progress && {
      progress: create(TaskProgressSchema, {
        fraction: task.progress.fraction,
        message: task.progress.message,
        updateTime: toTimestamp(task.progress.updateMs),
      }),
    }),
    ...(task.origin && { origin: toOrigin(task.origin) }),
    ...(task.event && { event: toEventHead(task.event) }),
  });
}

function toOrigin(origin: TaskOrigin): WireOrigin {
  const message = create(TaskOriginSchema);
  switch (origin.kind) {
    case "delivery":
      message.eventId = origin.eventId;
      message.eventSourceService = origin.sourceService;
      message.subscription = origin.subscription;
      return message;
    case "step":
      message.workflowId = origin.workflowId;
      message.stepId = origin.stepId;
      message.isCompensation = origin.isCompensation;
      return message;
    case "rerun":
      message.rerunOfTaskId = origin.taskId;
      return message;
  }
}

/** A stored task with its attempts. The oldest of them lose their stack traces where these would make it too large to send. */
export function toFullTask(task: Task, attempts: readonly TaskAttempt[]): WireTask {
  const message = toTask(task);
  let room = limits.messageBytes - (task.payload?.length ?? 0) - (task.result?.length ?? 0);
  message.attempts = attempts
    .toReversed()
    .map(({ attempt, workerId, startMs, finishMs, outcome, error }) => {
      room -= error === null ? 0 : Buffer.byteLength(error.message) + Buffer.byteLength(error.stackTrace);
      return create(TaskAttemptSchema, {
        attempt,
        workerId,
        startTime: toTimestamp(startMs),
        ...toTimestamps({ finishTime: finishMs }),
        outcome: outcome === null ? AttemptOutcome.UNSPECIFIED : outcomes[outcome],
        ...(error && { error: toTaskError(room < 0 ? { ...error, stackTrace: "" } : error) }),
      });
    })
    .reverse();
  return message;
}

/** A task as it is written into an answer: an object of the fields that are set takes a third of a whole message. */
export type TaskInit = MessageInitShape<typeof TaskSchema>;

let lastCreate = { ms: 0, time: toTimestamp(0) };

/** What is stored together was created in one moment. It is written, and never changed. */
function toCreateTime(ms: number): Timestamp {
  if (lastCreate.ms !== ms) lastCreate = { ms, time: toTimestamp(ms) };
  return lastCreate.time;
}

/** The answer to an enqueue that stored its task: what the caller does not have already, and what names the task. */
export function toCreatedTask({ request, task: stored }: Extract<Enqueued, { readonly created: true }>): TaskInit {
  const task: TaskInit = {
    id: stored.id,
    queue: request.queue,
    type: request.type,
    priority: request.priority,
    state: states[stored.state],
    maxAttempts: stored.maxAttempts,
    createTime: toCreateTime(stored.createMs),
    correlationId: request.correlationId ?? "",
    sourceService: request.sourceService ?? "",
    deduplicationKey: request.deduplicationKey ?? "",
    requestId: shownRequestId(request.requestId),
  };
  if (stored.scheduleMs !== null) task.scheduleTime = toTimestamp(stored.scheduleMs);
  if (stored.expireMs !== null) task.expireTime = toTimestamp(stored.expireMs);
  return task;
}

/** The answer to an enqueue that found its task there: what the caller does not have already. */
export function toExistingTask(task: Task): WireTask {
  return toTask({ ...task, payload: null, headers: null, result: null, damagedFields: [] });
}

/** A task as a worker gets it. */
export function toClaimedTask(task: ClaimedTask): Encodable<typeof TaskSchema> {
  return {
    id: task.id,
    queue: task.queue,
    type: task.type,
    payload: task.payload === null ? undefined : toDeliveredPayload(task.payload),
    headers: task.headers === null ? undefined : parseHeaders(task.headers),
    priority: task.priority,
    state: TaskState.RUNNING,
    attempt: task.attempt,
    maxAttempts: task.maxAttempts,
    attemptTimeout: task.attemptTimeoutMs === null ? undefined : toDuration(task.attemptTimeoutMs),
    expireTime: task.expireMs === null ? undefined : toTimestamp(task.expireMs),
    correlationId: task.correlationId ?? undefined,
    sourceService: task.sourceService ?? undefined,
    createTime: toTimestamp(task.createMs),
    workerId: task.workerId,
    results: task.step === null ? undefined : toResults(task.step.results),
    stepTraceparents: task.step?.traceparents,
    origin: task.origin === null ? undefined : toOrigin(task.origin),
    event: task.event === null ? undefined : toEventHead(task.event),
  };
}

/** An empty result is included too: its key shows that the step is done. */
function toResults(results: ClaimedStep["results"]): WireTask["results"] {
  const entries = Object.entries(results).map(([stepId, result]) => [
    stepId,
    result === null ? create(PayloadSchema) : toDeliveredPayload(result),
  ]);
  return Object.fromEntries(entries);
}

/** A change as watchers get it. */
export function toTaskChange(change: TaskChange): WireChange {
  return create(TaskChangeSchema, {
    taskId: change.id,
    queue: change.queue,
    type: change.type,
    correlationId: change.correlationId ?? "",
    state: change.state === null ? TaskState.UNSPECIFIED : states[change.state],
    attempt: change.attempt,
    workerId: change.workerId ?? "",
    changeTime: toTimestamp(change.changeMs),
  });
}

/** A kind of failures as it goes out. */
export function toFailureGroup(group: FailureGroup): WireFailureGroup {
  return create(FailureGroupSchema, {
    queue: group.queue,
    taskType: group.type,
    errorType: group.errorType,
    taskCount: BigInt(group.count),
    firstTime: toTimestamp(group.firstMs),
    lastTime: toTimestamp(group.lastMs),
    sampleTaskId: group.sampleId ?? "",
    sampleMessage: cutText(group.sampleMessage ?? "", limits.sampleMessageBytes),
  });
}

/** An error of a task as it goes out. */
export function toTaskError({ message, type, stackTrace }: TaskError): WireError {
  return create(TaskErrorSchema, { message, type, stackTrace });
}

/** An error as a worker reports it, cut to its bounds. */
export function fromTaskError(error: WireError | undefined): TaskError {
  return {
    message: cutText(error?.message ?? "", limits.errorMessageBytes),
    type: cutText(error?.type ?? "", limits.errorTypeBytes),
    stackTrace: cutText(error?.stackTrace ?? "", limits.errorStackBytes),
  };
}
