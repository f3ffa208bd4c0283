import { ProblemList } from "../domain/monitor/problem-list.ts";
import { addQueueFindings, queueFindings, type WaitThresholds } from "../domain/monitor/queue-problems.ts";
import type { QueueRow } from "./queue-rows.ts";

/** Sums over queues; rates are tasks a second. */
export interface QueueSums {
  queues: number;
  blocked: number;
  scheduled: number;
  pending: number;
  running: number;
  failed: number;
  enqueueRate: number;
  finishRate: number;
  failureRate: number;
}

/** Queues taken together. */
export interface QueueSummary {
  readonly sums: Readonly<QueueSums>;
  readonly problems: ProblemList;
}

/** Takes queues together. @param thresholds finds what is wrong by them; `null`: as the rows say */
export function summarize(rows: Iterable<QueueRow>, thresholds: WaitThresholds | null): QueueSummary {
  const problems = new ProblemList();
  const sums = {
    queues: 0,
    blocked: 0,
    scheduled: 0,
    pending: 0,
    running: 0,
    failed: 0,
    enqueueRate: 0,
    finishRate: 0,
    failureRate: 0,
  };
  for (const row of rows) {
    const { counts, rate } = row;
    sums.queues++;
    sums.blocked += counts.blocked;
    sums.scheduled += counts.scheduled;
    sums.pending += counts.pending;
    sums.running += counts.running;
    sums.failed += counts.failed;
    sums.enqueueRate += rate.enqueued;
    sums.finishRate += rate.finished;
    sums.failureRate += rate.failed;
    addQueueFindings(problems, row, thresholds === null ? row.findings : queueFindings(row, thresholds));
  }
  return { sums, problems };
}
