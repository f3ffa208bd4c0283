import { create } from "@bufbuild/protobuf";
import {
  BalancingStrategy,
  QueueSchema,
  QueueSettingChangeSchema,
  QueueStatisticsSchema,
  RetentionSchema,
  UnhandledTypeSchema,
  type Queue as WireQueue,
  type Retention as WireRetention,
} from "../../../gen/sitq/v1/queue_pb.js";
import type { UpdateQueueRequest } from "../../../gen/sitq/v1/queue_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import { resolveRetryPolicy } from "../../domain/retry.ts";
import { defaultQueueSettings, type Queue, type QueueSettings, type Retention } from "../../domain/tasks/queue.ts";
import type { QueueWithChanges } from "../../domain/tasks/setting-changes.ts";
import type { Attendance } from "../../queue/workers/worker-view.ts";
import { parseIntegerOr, parseQueueName, parseText } from "../convert/checks.ts";
import { type ChangeableFields, changesOf } from "../convert/field-mask.ts";
import { fromRetryPolicy, toRetryPolicy } from "../convert/retry-policy.ts";
import { parseStrategy, toStrategy } from "../convert/strategy.ts";
import { fromDuration, toDuration, toTimestamp, toTimestamps } from "../convert/times.ts";
import { converted } from "../convert/violations.ts";

/** A queue as it goes out. */
export function toQueue(queue: Queue, { workerCount, isUnhandled }: Attendance): WireQueue {
  const unhandled = queue.passedOver.filter(({ type }) => isUnhandled(type));
  const { blocked, scheduled, pending, running, completed, failed, cancelled } = queue.counts;
  return create(QueueSchema, {
    name: queue.name,
    paused: queue.paused,
    maxDepth: BigInt(queue.maxDepth),
    maxRunning: queue.maxRunning,
    strategy: toStrategy(queue.strategy),
    maxAttempts: queue.maxAttempts,
    retryPolicy: toRetryPolicy(resolveRetryPolicy(queue.retryPolicy)),
    ...(queue.attemptTimeoutMs !== null && { attemptTimeout: toDuration(queue.attemptTimeoutMs) }),
    retention: create(RetentionSchema, {
      completed: toDuration(queue.retention.completedMs),
      failed: toDuration(queue.retention.failedMs),
      cancelled: toDuration(queue.retention.cancelledMs),
    }),
    statistics: create(QueueStatisticsSchema, {
      blocked: BigInt(blocked),
      scheduled: BigInt(scheduled),
      pending: BigInt(pending),
      running: BigInt(running),
      completed: BigInt(completed),
      failed: BigInt(failed),
      cancelled: BigInt(cancelled),
      workers: workerCount,
      unhandledTypes: unhandled.map(({ type, count }) => create(UnhandledTypeSchema, { type, pending: BigInt(count) })),
      ...toTimestamps({ nextPendingTime: queue.nextPendingMs }),
    }),
    createTime: toTimestamp(queue.createMs),
    updateTime: toTimestamp(queue.updateMs),
  });
}

/** A queue as it goes out, with who changed its settings. */
export function toQueueWithChanges(queue: QueueWithChanges, attendance: Attendance): WireQueue {
  const message = toQueue(queue, attendance);
  message.settingChanges = queue.settingChanges.map(({ setting, changeMs, principal, reason, previous }) =>
    create(QueueSettingChangeSchema, {
      field: settings[setting].path,
      changeTime: toTimestamp(changeMs),
      principal,
      reason,
      previousValue: previous,
    }),
  );
  return message;
}

/** The settings that an update can change. */
const settings: ChangeableFields<WireQueue, QueueSettings> = {
  paused: { path: "paused", isSet: ({ paused }) => paused, read: ({ paused }) => paused },
  maxDepth: {
    path: "max_depth",
    isSet: ({ maxDepth }) => maxDepth !== 0n,
    read: ({ maxDepth }) => parseIntegerOr("queue.max_depth", maxDepth, 1, limits.maxDepth, 0),
  },
  maxRunning: {
    path: "max_running",
    isSet: ({ maxRunning }) => maxRunning !== 0,
    read: ({ maxRunning }) => parseIntegerOr("queue.max_running", maxRunning, 1, limits.maxRunning, 0),
  },
  strategy: {
    path: "strategy",
    isSet: ({ strategy }) => strategy !== BalancingStrategy.UNSPECIFIED,
    read: ({ strategy }) => parseStrategy("queue.strategy", strategy, defaultQueueSettings.strategy),
  },
  maxAttempts: {
    path: "max_attempts",
    isSet: ({ maxAttempts }) => maxAttempts !== 0,
    read: ({ maxAttempts }) =>
      parseIntegerOr("queue.max_attempts", maxAttempts, 1, limits.maxAttempts, defaultQueueSettings.maxAttempts),
  },
  retryPolicy: {
    path: "retry_policy",
    isSet: ({ retryPolicy }) => retryPolicy !== undefined,
    read: ({ retryPolicy }) => (retryPolicy ? fromRetryPolicy("queue.retry_policy", retryPolicy) : {}),
  },
  attemptTimeoutMs: {
    path: "attempt_timeout",
    isSet: ({ attemptTimeout }) => attemptTimeout !== undefined,
    read: ({ attemptTimeout }) => fromDuration("queue.attempt_timeout", attemptTimeout, 1, limits.attemptTimeoutMs),
  },
  retention: {
    path: "retention",
    isSet: ({ retention }) => retention !== undefined,
    read: ({ retention }) => fromRetention(retention),
  },
};

function fromRetention(retention: WireRetention | undefined): Retention {
  const { completedMs, failedMs, cancelledMs } = defaultQueueSettings.retention;
  const span = (name: "completed" | "failed" | "cancelled", otherwise: number) =>
    fromDuration(`queue.retention.${name}`, retention?.[name], 0, limits.retentionMs) ?? otherwise;
  return {
    completedMs: span("completed", completedMs),
    failedMs: span("failed", failedMs),
    cancelledMs: span("cancelled", cancelledMs),
  };
}

/** What an update asks for. */
export interface QueueUpdate {
  readonly name: string;
  readonly changes: Partial<QueueSettings>;
  /** Empty: none is given. */
  readonly reason: string;
}

/** What an update asks for. @throws SitqError with the field's path */
export function fromQueueUpdate({ queue, updateMask, reason }: UpdateQueueRequest): QueueUpdate {
  if (queue === undefined) throw invalidField("queue", "is required");
  return converted(() => ({
    name: parseQueueName("queue.name", queue.name),
    changes: changesOf(queue, updateMask, settings),
    reason: parseText("reason", reason, limits.changeReasonBytes),
  }));
}
