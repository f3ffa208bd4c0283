import { DuplicatePolicy, type EnqueueRequest } from "../../../gen/sitq/v1/queue_service_pb.js";
import type { Task as WireTask } from "../../../gen/sitq/v1/task_pb.js";
import { invalidField } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import type { DuplicatePolicy as DomainPolicy, NewTask } from "../../domain/task.ts";
import { integer, integerOr, optionalText, queueName, requestId, stringMap, taskType } from "./checks.ts";
import { fromPayload } from "./payload.ts";
import { fromRetryPolicy } from "./retry-policy.ts";
import { durationMs, timestampMs } from "./times.ts";

const duplicatePolicies: Readonly<Record<DuplicatePolicy, DomainPolicy>> = {
  [DuplicatePolicy.UNSPECIFIED]: "return_existing",
  [DuplicatePolicy.RETURN_EXISTING]: "return_existing",
  [DuplicatePolicy.REPLACE]: "replace",
  [DuplicatePolicy.REFUSE]: "refuse",
};

/** What the conversion has to know. */
export interface NewTaskRules {
  readonly maxPayloadBytes: number;
  /** The wall clock, in milliseconds. */
  readonly nowMs: number;
}

/** The task that a request asks for. @throws SitqError with the field's path */
export function fromEnqueueRequest(request: EnqueueRequest, rules: NewTaskRules): NewTask {
  const { task } = request;
  if (task === undefined) throw invalidField("task", "is required");
  const id = requestId("request_id", request.requestId);
  const duplicatePolicy = duplicatePolicies[request.duplicatePolicy];
  if (duplicatePolicy === undefined) {
    throw invalidField("duplicate_policy", `${request.duplicatePolicy} is not a value of this enum`);
  }
  return {
    queue: queueName("task.queue", task.queue),
    type: taskType("task.type", task.type),
    payload: fromPayload("task.payload", task.payload, { maxBytes: rules.maxPayloadBytes, canonical: id !== null }),
    headers: stringMap("task.headers", task.headers),
    priority: integer("task.priority", task.priority, -limits.priority, limits.priority),
    ...timesOf(task, rules.nowMs),
    maxAttempts: integerOr("task.max_attempts", task.maxAttempts, 1, limits.maxAttempts, null),
    retryPolicy: task.retryPolicy === undefined ? null : fromRetryPolicy("task.retry_policy", task.retryPolicy),
    attemptTimeoutMs: durationMs("task.attempt_timeout", task.attemptTimeout, 1, limits.attemptTimeoutMs),
    correlationId: optionalText("task.correlation_id", task.correlationId, limits.correlationIdBytes),
    sourceService: optionalText("task.source_service", task.sourceService, limits.serviceBytes),
    deduplicationKey: optionalText("task.deduplication_key", task.deduplicationKey, limits.deduplicationKeyBytes),
    duplicatePolicy,
    requestId: id,
  };
}

function timesOf(task: WireTask, nowMs: number) {
  const scheduleMs = timestampMs("task.schedule_time", task.scheduleTime);
  const expireMs = timestampMs("task.expire_time", task.expireTime);
  const delayMs = durationMs("task.delay", task.delay, 0, limits.scheduleAheadMs);
  const timeToLiveMs = durationMs("task.time_to_live", task.timeToLive, 1, limits.scheduleAheadMs);
  if (scheduleMs !== null && delayMs !== null) throw invalidField("task.delay", "is set together with schedule_time");
  if (expireMs !== null && timeToLiveMs !== null) {
    throw invalidField("task.time_to_live", "is set together with expire_time");
  }
  if (scheduleMs !== null && scheduleMs > nowMs + limits.scheduleAheadMs) {
    throw invalidField("task.schedule_time", "is more than 10 years ahead");
  }
  return { scheduleMs, expireMs, delayMs, timeToLiveMs };
}
