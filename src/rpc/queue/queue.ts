import { create } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import {
  BalancingStrategy,
  QueueSchema,
  QueueStatisticsSchema,
  RetentionSchema,
  UnhandledTypeSchema,
  type Queue as WireQueue,
  type Retention as WireRetention,
} from "../../../gen/sitq/v1/queue_pb.js";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import { resolveRetryPolicy } from "../../domain/retry.ts";
import { defaultQueueSettings, type Queue, type QueueSettings, type Retention } from "../../domain/tasks/queue.ts";
import type { Attendance } from "../../queue/workers/worker-view.ts";
import { parseIntegerOr, parseQueueName } from "../convert/checks.ts";
import { fromRetryPolicy, toRetryPolicy } from "../convert/retry-policy.ts";
import { parseStrategy, toStrategy } from "../convert/strategy.ts";
import { fromDuration, toDuration, toOptionalTimestamp, toTimestamp } from "../convert/times.ts";
import { converted, refuseField } from "../convert/violations.ts";

/** A queue as it goes out. */
export function toQueue(queue: Queue, { workerCount, isUnhandled }: Attendance): WireQueue {
  const unhandled = queue.passedOver.filter(({ type }) => isUnhandled(type));
  const { blocked, scheduled, pending, running, completed, failed, cancelled } = queue.counts;
  const nextPendingTime = toOptionalTimestamp(queue.nextPendingMs);
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
      ...(nextPendingTime && { nextPendingTime }),
    }),
    createTime: toTimestamp(queue.createMs),
    updateTime: toTimestamp(queue.updateMs),
  });
}

/** How each setting is read; a field that is not set goes back to its default. */
const readers: { readonly [Name in keyof QueueSettings]: (queue: WireQueue) => QueueSettings[Name] } = {
  paused: (queue) => queue.paused,
  maxDepth: (queue) => parseIntegerOr("queue.max_depth", queue.maxDepth, 1, limits.maxDepth, 0),
  maxRunning: (queue) => parseIntegerOr("queue.max_running", queue.maxRunning, 1, limits.maxRunning, 0),
  strategy: (queue) => parseStrategy("queue.strategy", queue.strategy, defaultQueueSettings.strategy),
  maxAttempts: (queue) =>
    parseIntegerOr("queue.max_attempts", queue.maxAttempts, 1, limits.maxAttempts, defaultQueueSettings.maxAttempts),
  retryPolicy: (queue) => (queue.retryPolicy ? fromRetryPolicy("queue.retry_policy", queue.retryPolicy) : {}),
  attemptTimeoutMs: (queue) => fromDuration("queue.attempt_timeout", queue.attemptTimeout, 1, limits.attemptTimeoutMs),
  retention: (queue) => fromRetention(queue.retention),
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

/** The settings by their names in the contract. */
const settingsByPath: ReadonlyMap<string, keyof QueueSettings> = new Map([
  ["paused", "paused"],
  ["max_depth", "maxDepth"],
  ["max_running", "maxRunning"],
  ["strategy", "strategy"],
  ["max_attempts", "maxAttempts"],
  ["retry_policy", "retryPolicy"],
  ["attempt_timeout", "attemptTimeoutMs"],
  ["retention", "retention"],
]);

const isSet: { readonly [Name in keyof QueueSettings]: (queue: WireQueue) => boolean } = {
  paused: (queue) => queue.paused,
  maxDepth: (queue) => queue.maxDepth !== 0n,
  maxRunning: (queue) => queue.maxRunning !== 0,
  strategy: (queue) => queue.strategy !== BalancingStrategy.UNSPECIFIED,
  maxAttempts: (queue) => queue.maxAttempts !== 0,
  retryPolicy: (queue) => queue.retryPolicy !== undefined,
  attemptTimeoutMs: (queue) => queue.attemptTimeout !== undefined,
  retention: (queue) => queue.retention !== undefined,
};

/** What an update asks for. */
export interface QueueUpdate {
  readonly name: string;
  readonly changes: Partial<QueueSettings>;
}

/**
 * The changes that an update asks for (AIP-134): those that the mask names, or without one those that are set.
 *
 * @throws SitqError with the field's path
 */
export function fromQueueUpdate(queue: WireQueue | undefined, mask: FieldMask | undefined): QueueUpdate {
  if (queue === undefined) throw invalidField("queue", "is required");
  return converted(() => {
    const all = [...settingsByPath.values()];
    const name = parseQueueName("queue.name", queue.name);
    const fields = mask?.paths.length ? namesOf(mask.paths) : all.filter((each) => isSet[each](queue));
    return { name, changes: Object.fromEntries(fields.map((each) => [each, readers[each](queue)])) };
  });
}

function namesOf(paths: readonly string[]): (keyof QueueSettings)[] {
  if (paths.includes("*")) return [...settingsByPath.values()];
  return paths.flatMap((path, index) => {
    const name = settingsByPath.get(path);
    if (name !== undefined) return name;
    refuseField(`update_mask.paths[${index}]`, `is not one of: ${[...settingsByPath.keys()].join(", ")}`, path);
    return [];
  });
}
