import { unfinishedCount } from "../tasks/queue.ts";
import type { FailureFacts, QueueFacts, Thresholds } from "./facts.ts";
import { counted, type Problem, spanText, tasksThat } from "./problem.ts";

/** A queue is nearly full from this share of its limit on. */
const nearlyFull = 0.9;

type Found = Omit<Problem, "subject" | "subjectCount">;

/** What is wrong with a queue. A queue that is well costs a few comparisons: there may be thousands. */
export function queueProblems(queue: QueueFacts, thresholds: Thresholds): readonly Problem[] {
  const { counts, depthLimit } = queue;
  const depth = unfinishedCount(counts);
  const isNearlyFull = depth >= depthLimit * nearlyFull;
  if (counts.pending === 0 && !isNearlyFull) return none;
  const found = [isNearlyFull ? ofDepth(queue, depth) : null, counts.pending === 0 ? null : ofWait(queue, thresholds)];
  return found.flatMap((problem) => (problem === null ? [] : ofQueue(queue.name, problem)));
}

const none: readonly Problem[] = [];

function ofDepth({ name, depthLimit }: QueueFacts, depth: number): Found {
  const isFull = depth >= depthLimit;
  const holds = `it holds ${depth.toLocaleString("en-US")} of ${depthLimit.toLocaleString("en-US")} unfinished tasks`;
  return {
    severity: isFull ? "critical" : "warning",
    kind: isFull ? "queue_full" : "queue_nearly_full",
    message: isFull ? `Queue ${name} is full and refuses tasks: ${holds}.` : `Queue ${name} is nearly full: ${holds}.`,
    sinceMs: null,
    count: depth,
    command: `sitq queue ${name}`,
  };
}

/** Why tasks wait: the first reason that holds, so that one cause is one problem. */
function ofWait(queue: QueueFacts, { nowMs, maxWaitMs }: Thresholds): Found | null {
  const { name, counts, oldestReadyMs: sinceMs, unhandled, maxRunning } = queue;
  const count = counts.pending;
  if (queue.paused) {
    const message = `Queue ${name} is paused, and ${tasksThat(count, "wait")}.`;
    return { severity: "warning", kind: "paused", message, sinceMs, count, command: `sitq resume ${name}` };
  }
  // Callers of ClaimTasks have no stream: where tasks are handed out, there are workers.
  if (queue.workers === 0 && queue.handOutRate === 0) {
    const message = `${tasksThat(count, "wait")} in queue ${name}, which has no worker.`;
    const command = `sitq work ${name} --exec 'COMMAND'`;
    return { severity: "critical", kind: "no_worker", message, sinceMs, count, command };
  }
  if (unhandled.length > 0) {
    const types = unhandled.slice(0, 3).map(({ type }) => type);
    const more = unhandled.length > 3 ? ` and ${unhandled.length - 3} more` : "";
    const tasks = unhandled.reduce((sum, each) => sum + each.count, 0);
    const message = `${tasksThat(tasks, "wait")} in queue ${name} whose type none of its workers handles: ${types.join(", ")}${more}.`;
    const command = `sitq workers --queue ${name}`;
    return { severity: "critical", kind: "no_handler", message, sinceMs, count: tasks, command };
  }
  const isLong = sinceMs !== null && nowMs - sinceMs > maxWaitMs;
  if (maxRunning > 0 && counts.running >= maxRunning) {
    const message = `Queue ${name} runs as many tasks as it may (${counted(maxRunning, "at a time")}), and ${tasksThat(count, "wait")}.`;
    const severity = isLong ? "warning" : "notice";
    return { severity, kind: "max_running", message, sinceMs, count, command: `sitq set ${name} --max-running NUMBER` };
  }
  if (!isLong) return null;
  const message = `${tasksThat(count, "wait")} in queue ${name}, the oldest for ${spanText(nowMs - sinceMs)}.`;
  return { severity: "warning", kind: "long_wait", message, sinceMs, count, command: `sitq workers --queue ${name}` };
}

/** Failures of a queue as a problem. */
export function failureProblem({ queue, count, sinceMs }: FailureFacts): Problem {
  return ofQueue(queue, {
    severity: "warning",
    kind: "tasks_failed",
    message: `${counted(count, count === 1 ? "task" : "tasks")} of queue ${queue} failed within the last hour.`,
    sinceMs,
    count,
    command: `sitq failures ${queue}`,
  });
}

function ofQueue(name: string, found: Found): Problem {
  return { ...found, subject: { kind: "queue", name }, subjectCount: 1 };
}
