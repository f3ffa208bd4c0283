import type { AnswerMeasures, CommitMeasures, FileMeasures, QueueMeasures, StoreMeasures } from "../store/measures.ts";
import { metrics } from "./names.ts";
import type { Samples } from "./samples.ts";

/** Adds what the store has counted. */
export function addStoreSamples(samples: Samples, measures: StoreMeasures, nowMs: number): void {
  samples.add(metrics.queues, measures.queueCount);
  for (const queue of measures.queues) addQueue(samples, queue, nowMs);
  for (const { subscription, deliveries, oldestWaitingMs } of measures.subscriptions) {
    samples.addEach(metrics.subscriptionDeliveries, "state", deliveries, { subscription });
    samples.add(metrics.subscriptionLag, secondsSince(oldestWaitingMs, nowMs), { subscription });
  }
  const { pending, running, failed, cancelled } = measures.workflows.unfinished;
  samples.addEach(metrics.workflowsUnfinished, "state", { pending, running, failed, cancelled });
  samples.add(metrics.workflowsStarted, measures.workflows.started);
  samples.addEach(metrics.workflowsFinished, "state", measures.workflows.finished);
  samples.add(metrics.eventsPublished, measures.events);
  addCommits(samples, measures.commits);
  addFiles(samples, measures.files);
}

/** Adds how the store answers. */
export function addAnswerSamples(samples: Samples, { duration, busySeconds }: AnswerMeasures): void {
  samples.addHistogram(metrics.storeAnswer, duration);
  samples.add(metrics.storeBusy, busySeconds);
}

function addQueue(samples: Samples, measures: QueueMeasures, nowMs: number): void {
  const { queue, tasks, paused, created, finished, attempts, retries, wait, run } = measures;
  const labels = { queue };
  samples.addEach(metrics.queueTasks, "state", tasks, labels);
  samples.add(metrics.queueOldestAge, secondsSince(measures.oldestReadyMs, nowMs), labels);
  samples.add(metrics.queuePaused, paused ? 1 : 0, labels);
  samples.add(metrics.tasksCreated, created, labels);
  samples.addEach(metrics.tasksFinished, "state", finished, labels);
  samples.addEach(metrics.attempts, "outcome", attempts, labels);
  samples.add(metrics.leaseLost, attempts.lease_lost, labels);
  samples.add(metrics.retries, retries, labels);
  samples.addHistogram(metrics.taskWait, wait, labels);
  samples.addHistogram(metrics.taskRun, run, labels);
}

function addCommits(samples: Samples, { duration, sync, calls }: CommitMeasures): void {
  samples.addHistogram(metrics.commit, duration);
  samples.addHistogram(metrics.commitSync, sync);
  samples.addHistogram(metrics.commitCalls, calls);
}

function addFiles(samples: Samples, { databaseBytes, walBytes, freeBytes, reserveBytes }: FileMeasures): void {
  samples.add(metrics.databaseBytes, databaseBytes);
  samples.add(metrics.walBytes, walBytes);
  if (freeBytes !== null) samples.add(metrics.diskFree, freeBytes);
  samples.add(metrics.diskReserve, reserveBytes);
}

/** How long ago something was, in seconds; 0 if it was not. */
function secondsSince(ms: number | null, nowMs: number): number {
  return ms === null ? 0 : Math.max(nowMs - ms, 0) / 1_000;
}
