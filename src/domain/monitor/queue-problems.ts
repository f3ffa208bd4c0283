import { unfinishedCount } from "../tasks/queue.ts";
import { pauseWords } from "../tasks/setting-changes.ts";
import type { QueueFacts, Thresholds } from "./facts.ts";
import {
  counted,
  type Finding,
  type ProblemKind,
  type ProblemSubject,
  spanText,
  tasksThat,
  type Words,
} from "./problem.ts";
import type { ProblemList } from "./problem-list.ts";

/** What can be wrong with a queue. */
export type QueueProblemKind = Extract<
  ProblemKind,
  | "queue_full"
  | "queue_nearly_full"
  | "paused"
  | "no_worker"
  | "no_handler"
  | "max_running"
  | "long_wait"
  | "tasks_failed"
>;

/** Something that is wrong with a queue. */
export interface QueueFinding extends Finding {
  readonly kind: QueueProblemKind;
}

/** When a wait is a problem. */
export type WaitThresholds = Pick<Thresholds, "nowMs" | "maxWaitMs" | "knowsWorkers">;

/** A queue is nearly full from this share of its limit on. */
const nearlyFull = 0.9;

const none: readonly never[] = [];

/** What is wrong with a queue. A queue that is well costs a few comparisons. */
export function queueFindings(queue: QueueFacts, thresholds: WaitThresholds): readonly QueueFinding[] {
  const { counts, depthLimit, failures } = queue;
  const depth = unfinishedCount(counts);
  const isNearlyFull = depth >= depthLimit * nearlyFull;
  if (counts.pending === 0 && !isNearlyFull && failures === null) return none;
  const subject: ProblemSubject = { kind: "queue", name: queue.name };
  const found: QueueFinding[] = [];
  if (isNearlyFull) found.push({ ...depthFinding(depth, depthLimit), subject, sinceMs: null, count: depth });
  const wait = counts.pending === 0 ? null : waitFinding(queue, thresholds);
  if (wait !== null) found.push({ subject, sinceMs: queue.oldestReadyMs, count: counts.pending, ...wait });
  if (failures !== null) found.push({ severity: "warning", kind: "tasks_failed", subject, ...failures });
  return found;
}

type Kind = Pick<QueueFinding, "severity" | "kind">;

function depthFinding(depth: number, depthLimit: number): Kind {
  if (depth >= depthLimit) return { severity: "critical", kind: "queue_full" };
  return { severity: "warning", kind: "queue_nearly_full" };
}

/** Why tasks wait: the first reason that holds, so that one cause is one problem. */
function waitFinding(
  { paused, workers, handOutRate, counts, oldestReadyMs, unhandled, maxRunning }: QueueFacts,
  { nowMs, maxWaitMs, knowsWorkers = true }: WaitThresholds,
): (Kind & Partial<QueueFinding>) | null {
  if (paused) return { severity: "warning", kind: "paused" };
  // Callers of ClaimTasks have no stream: where tasks are handed out, there are workers.
  if (knowsWorkers && workers === 0 && handOutRate === 0) return { severity: "critical", kind: "no_worker" };
  if (knowsWorkers && unhandled.length > 0) {
    const count = unhandled.reduce((sum, each) => sum + each.count, 0);
    return { severity: "critical", kind: "no_handler", count };
  }
  const isLong = oldestReadyMs !== null && nowMs - oldestReadyMs > maxWaitMs;
  if (maxRunning > 0 && counts.running >= maxRunning) {
    return { severity: isLong ? "warning" : "notice", kind: "max_running" };
  }
  return isLong ? { severity: "warning", kind: "long_wait" } : null;
}

/** When what is found changes by time alone, by the wall clock: one that waits has then waited too long. */
export function findingsChangeMs({ oldestReadyMs }: QueueFacts, { nowMs, maxWaitMs }: WaitThresholds): number {
  const longMs = (oldestReadyMs ?? Number.POSITIVE_INFINITY) + maxWaitMs + 1;
  return longMs > nowMs ? longMs : Number.POSITIVE_INFINITY;
}

/** Adds what is wrong with a queue to a list. */
export function addQueueFindings(list: ProblemList, queue: QueueFacts, findings: readonly QueueFinding[]): void {
  for (const finding of findings) list.add(finding, (nowMs) => wordsOf(queue, finding, nowMs));
}

function wordsOf(queue: QueueFacts, { kind, count, sinceMs }: QueueFinding, nowMs: number): Words {
  const { name, depthLimit, maxRunning, unhandled } = queue;
  const holds = () => `it holds ${count.toLocaleString("en-US")} of ${counted(depthLimit, "unfinished tasks")}`;
  switch (kind) {
    case "queue_full":
      return { message: `Queue ${name} is full and refuses tasks: ${holds()}.`, command: `sitq queue ${name}` };
    case "queue_nearly_full":
      return { message: `Queue ${name} is nearly full: ${holds()}.`, command: `sitq queue ${name}` };
    case "paused": {
      const message = `Queue ${name} is paused${pauseWords(queue.pausedBy)}, and ${tasksThat(count, "wait")}.`;
      return { message, command: `sitq resume ${name}` };
    }
    case "no_worker": {
      const message = `${tasksThat(count, "wait")} in queue ${name}, which has no worker.`;
      return { message, command: `sitq work ${name} --exec 'COMMAND'` };
    }
    case "no_handler": {
      const types = unhandled.slice(0, 3).map(({ type }) => type);
      const more = unhandled.length > 3 ? ` and ${unhandled.length - 3} more` : "";
      const message = `${tasksThat(count, "wait")} in queue ${name} whose type none of its workers handles: ${types.join(", ")}${more}.`;
      return { message, command: `sitq workers --queue ${name}` };
    }
    case "max_running": {
      const message = `Queue ${name} runs as many tasks as it may (${counted(maxRunning, "at a time")}), and ${tasksThat(count, "wait")}.`;
      return { message, command: `sitq set ${name} --max-running NUMBER` };
    }
    case "tasks_failed": {
      // One that is retried and fails again counts again.
      const failed =
        count === 1 ? `A task of queue ${name} failed` : `Tasks of queue ${name} failed ${counted(count, "times")}`;
      return { message: `${failed} within the last hour.`, command: `sitq failures ${name}` };
    }
    case "long_wait": {
      const message = `${tasksThat(count, "wait")} in queue ${name}, the oldest for ${spanText(nowMs - (sinceMs ?? nowMs))}.`;
      return { message, command: `sitq workers --queue ${name}` };
    }
  }
}
