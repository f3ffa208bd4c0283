import { create } from "@bufbuild/protobuf";
import {
  QueueHistorySchema,
  type QueueOverview,
  QueueOverviewSchema,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import { QueueStatisticsSchema, UnhandledTypeSchema } from "../../../gen/sitq/v1/queue_pb.js";
import type { Scope } from "../../domain/access/scope.ts";
import { allowsAll, namesOfQueues, namesOfSubscription } from "../../domain/access/scoped-name.ts";
import type { ServerFacts } from "../../domain/monitor/facts.ts";
import type { Overview, ShownRow } from "../../monitor/overview.ts";
import type { QueueRow } from "../../monitor/queue-rows.ts";
import { toTimestamps } from "../convert/times.ts";
import { toProblemKind, toSeverity } from "./problem.ts";

/** What of an overview lies within a scope, but for queues. What a narrow scope allows says nothing of damages and refusals, which can be anyone's. */
export function withinScope(overview: Overview, scope: Scope): Overview {
  if (scope.isWhole) return overview;
  const seesQueues = (queues: readonly string[]) => allowsAll(scope, namesOfQueues(queues));
  const server: ServerFacts = { ...overview.server, damages: 0, refusals: 0 };
  return {
    ...overview,
    workers: overview.workers.filter(({ queues }) => seesQueues(queues)),
    subscriptions: overview.subscriptions.filter((each) => allowsAll(scope, namesOfSubscription(each))),
    workflows: overview.workflows.filter(({ queues }) => seesQueues(queues)),
    services: overview.services.filter(({ serviceName }) => scope.allows("service", serviceName)),
    server,
  };
}

/** A queue as it goes out. */
export function toQueueOverview({ row, history }: ShownRow): QueueOverview {
  const { name, paused, counts, oldestReadyMs, workers, unhandled, capacity, inFlight, maxRunning, rate, worst } = row;
  return create(QueueOverviewSchema, {
    name,
    paused,
    statistics: create(QueueStatisticsSchema, {
      blocked: BigInt(counts.blocked),
      scheduled: BigInt(counts.scheduled),
      pending: BigInt(counts.pending),
      running: BigInt(counts.running),
      completed: BigInt(counts.completed),
      failed: BigInt(counts.failed),
      cancelled: BigInt(counts.cancelled),
      workers,
      unhandledTypes: unhandled.map(({ type, count }) => create(UnhandledTypeSchema, { type, pending: BigInt(count) })),
    }),
    ...toTimestamps({ oldestWaitTime: oldestReadyMs }),
    capacity: BigInt(capacity),
    inFlight: BigInt(inFlight),
    maxRunning,
    enqueueRate: rate.enqueued,
    finishRate: rate.finished,
    failureRate: rate.failed,
    ...(worst !== null && { problem: toProblemKind(worst.kind), problemSeverity: toSeverity(worst.severity) }),
    orderKey: row.orderKey,
    ...(history !== null && {
      history: create(QueueHistorySchema, {
        enqueued: stepsOf(history.enqueued),
        finished: stepsOf(history.finished),
        failed: stepsOf(history.failed),
      }),
    }),
  });
}

/** Nothing where nothing happened in any step. */
function stepsOf(steps: readonly number[]): number[] {
  return steps.every((n) => n === 0) ? [] : [...steps];
}

/** The counts, rates and times of a queue in a message, at most, in bytes. */
const fixedBytes = 400;
/** A step of a history, at most, in bytes, and how many there are of each kind. */
const stepBytes = 5 * 180;

/** How large a queue is in a message, at most, in bytes. */
export function sizeOfRow({ name, unhandled }: QueueRow): number {
  return fixedBytes + stepBytes + name.length + unhandled.reduce((sum, { type }) => sum + type.length + 16, 0);
}
