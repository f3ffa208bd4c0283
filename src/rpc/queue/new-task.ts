import { BalancingStrategy, type Dispatch as WireDispatch } from "../../../gen/sitq/v1/queue_pb.js";
import { DuplicatePolicy, type EnqueueRequest } from "../../../gen/sitq/v1/queue_service_pb.js";
import type { Task as WireTask } from "../../../gen/sitq/v1/task_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { limits } from "../../contract/limits.ts";
import type { Dispatch } from "../../domain/balancing/dispatch.ts";
import { invalidField } from "../../domain/errors.ts";
import type { DuplicatePolicy as DomainPolicy, NewTask } from "../../domain/tasks/task.ts";
import {
  parseEnum,
  parseInteger,
  parseIntegerOr,
  parseOptionalText,
  parseQueueName,
  parseRequestId,
  parseStringMap,
  parseTaskType,
} from "../convert/checks.ts";
import { fromPayload } from "../convert/payload.ts";
import { ownRequestId } from "../convert/request-id.ts";
import { fromRetryPolicy } from "../convert/retry-policy.ts";
import { parseStrategy } from "../convert/strategy.ts";
import { fromDuration, fromTimestamp } from "../convert/times.ts";
import { refuseField, withOthers } from "../convert/violations.ts";
import { parseAnyWorkerId } from "../convert/worker-id.ts";

const { words: duplicatePolicies } = protoEnum<DomainPolicy, DuplicatePolicy>()({
  return_existing: DuplicatePolicy.RETURN_EXISTING,
  replace: DuplicatePolicy.REPLACE,
  refuse: DuplicatePolicy.REFUSE,
});

/** What the conversion has to know. */
export interface NewTaskRules {
  readonly maxPayloadBytes: number;
  /** The wall clock, in milliseconds. */
  readonly nowMs: number;
  /** The name of the principal that asks; empty: authentication is off. */
  readonly principal: string;
}

/** The task that a request asks for. @throws SitqError with the field's path */
export function fromEnqueueRequest(request: EnqueueRequest, rules: NewTaskRules): NewTask {
  // Without a function of its own for each task: this is the hot path.
  try {
    return toNewTask(request, rules);
  } catch (error) {
    throw withOthers(error, toNewTask, request, rules);
  }
}

function toNewTask(request: EnqueueRequest, { maxPayloadBytes, nowMs, principal }: NewTaskRules): NewTask {
  const { task } = request;
  if (task === undefined) throw invalidField("task", "is required");
  const id = parseRequestId("request_id", request.requestId);
  const duplicatePolicy = parseEnum("duplicate_policy", request.duplicatePolicy, duplicatePolicies, "return_existing");
  const headers = parseStringMap("task.headers", task.headers);
  const payloadRules = { maxBytes: maxPayloadBytes, canonical: id !== null, isPacked: true };
  return {
    queue: parseQueueName("task.queue", task.queue),
    type: parseTaskType("task.type", task.type),
    payload: fromPayload("task.payload", task.payload, payloadRules),
    priority: parseInteger("task.priority", task.priority, -limits.priority, limits.priority),
    correlationId: parseOptionalText("task.correlation_id", task.correlationId, limits.correlationIdBytes),
    sourceService: parseOptionalText("task.source_service", task.sourceService, limits.serviceBytes),
    headers: headers && JSON.stringify(headers),
    ...timesOf(task, nowMs),
    maxAttempts: parseIntegerOr("task.max_attempts", task.maxAttempts, 1, limits.maxAttempts, null),
    retryPolicy: task.retryPolicy === undefined ? null : fromRetryPolicy("task.retry_policy", task.retryPolicy),
    attemptTimeoutMs: fromDuration("task.attempt_timeout", task.attemptTimeout, 1, limits.attemptTimeoutMs),
    dispatch: request.dispatch === undefined ? null : fromDispatch(request.dispatch),
    deduplicationKey: parseOptionalText("task.deduplication_key", task.deduplicationKey, limits.deduplicationKeyBytes),
    duplicatePolicy,
    requestId: ownRequestId(id, principal),
  };
}

/** How a task is dispatched; `null` if not set. */
function fromDispatch({ strategy, workerId: id, workerWait }: WireDispatch): Dispatch | null {
  if (id === "") {
    if (workerWait !== undefined) refuseField("dispatch.worker_wait", "is set without worker_id");
    return strategy === BalancingStrategy.UNSPECIFIED
      ? null
      : { strategy: parseStrategy("dispatch.strategy", strategy, "least_loaded") };
  }
  if (strategy !== BalancingStrategy.UNSPECIFIED) {
    refuseField("dispatch.worker_id", "is set together with strategy");
  }
  const waitMs = fromDuration("dispatch.worker_wait", workerWait, 0, limits.workerWaitMs);
  return { workerId: parseAnyWorkerId("dispatch.worker_id", id), waitMs: waitMs ?? limits.defaultWorkerWaitMs };
}

function timesOf(task: WireTask, nowMs: number) {
  const scheduleMs = fromTimestamp("task.schedule_time", task.scheduleTime);
  const expireMs = fromTimestamp("task.expire_time", task.expireTime);
  const delayMs = fromDuration("task.delay", task.delay, 0, limits.scheduleAheadMs);
  const timeToLiveMs = fromDuration("task.time_to_live", task.timeToLive, 1, limits.scheduleAheadMs);
  if (scheduleMs !== null && delayMs !== null) refuseField("task.delay", "is set together with schedule_time");
  if (expireMs !== null && timeToLiveMs !== null) {
    refuseField("task.time_to_live", "is set together with expire_time");
  }
  if (scheduleMs !== null && scheduleMs > nowMs + limits.scheduleAheadMs) {
    refuseField("task.schedule_time", "is more than 10 years ahead");
  }
  return { scheduleMs, expireMs, delayMs, timeToLiveMs };
}
