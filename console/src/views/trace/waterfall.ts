import { AttemptOutcome, type TaskAttempt } from "../../../../gen/sitq/v1/task_pb.js";
import { enumName, msOf, span } from "../../ui/text.ts";
import type { Entry } from "./entries.ts";

/** The span of time that a waterfall shows, in milliseconds since 1970. */
export interface Axis {
  readonly fromMs: number;
  readonly toMs: number;
}

/** How a part of a bar is drawn. */
export type SegmentKind = "waiting" | "running" | "completed" | "failed" | "cancelled" | "moment";

/** A part of a bar. */
export interface Segment {
  readonly kind: SegmentKind;
  readonly fromMs: number;
  readonly toMs: number;
  /** What it is, for people: `attempt 2, lease lost`. */
  readonly label: string;
}

/**
 * From the first thing to the last that happened, or to now while something runs. What only waits does not stretch the axis: it would
 * squeeze what happened into nothing.
 */
export function axisOf(entries: readonly Entry[], nowMs: number): Axis {
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  let isOpen = false;
  for (const { createMs, startMs, endMs, isRunning, kind } of entries) {
    fromMs = Math.min(fromMs, createMs);
    // A workflow runs while its steps wait.
    const runsMs = isRunning && kind !== "workflow" ? nowMs : 0;
    toMs = Math.max(toMs, createMs, startMs ?? 0, endMs ?? 0, runsMs);
    isOpen ||= endMs === null;
  }
  if (entries.length === 0) return { fromMs: nowMs - 1, toMs: nowMs };
  const length = Math.max(toMs - fromMs, 1);
  // Room for the open ends of bars.
  return { fromMs, toMs: fromMs + length * (isOpen ? 1.04 : 1) };
}

/**
 * The parts of a bar: what waited, each attempt that ran, how it ended.
 *
 * @param attempts those of a task, oldest first. Default: only the newest one is known
 */
export function segmentsOf(entry: Entry, axis: Axis, nowMs: number, attempts?: readonly TaskAttempt[]): Segment[] {
  const { kind, createMs, startMs, endMs, isRunning, state, attempt } = entry;
  if (kind === "event") return [{ kind: "moment", fromMs: createMs, toMs: createMs, label: "stored" }];
  const openMs = isRunning ? Math.max(nowMs, startMs ?? createMs) : axis.toMs;
  if (attempts !== undefined && attempts.length > 0) return attemptSegments(entry, attempts, openMs);
  if (startMs === null) return [{ kind: "waiting", fromMs: createMs, toMs: endMs ?? openMs, label: "waiting" }];
  const waiting: Segment = { kind: "waiting", fromMs: createMs, toMs: startMs, label: "waiting" };
  if (endMs === null && !isRunning) {
    // It waits for its next attempt; when the last one ended is not known here.
    return [waiting, { kind: "waiting", fromMs: startMs, toMs: openMs, label: `after attempt ${attempt}` }];
  }
  const label = attempt > 1 ? `${state}, attempt ${attempt}` : state;
  return [waiting, { kind: ranKind(state), fromMs: startMs, toMs: Math.max(endMs ?? openMs, startMs), label }];
}

function attemptSegments({ createMs, endMs }: Entry, attempts: readonly TaskAttempt[], openMs: number): Segment[] {
  const segments: Segment[] = [];
  let beforeMs = createMs;
  for (const { attempt, startTime, finishTime, outcome } of attempts) {
    const fromMs = msOf(startTime) ?? beforeMs;
    if (fromMs > beforeMs) segments.push({ kind: "waiting", fromMs: beforeMs, toMs: fromMs, label: "waiting" });
    const isOpen = outcome === AttemptOutcome.UNSPECIFIED;
    const toMs = isOpen ? openMs : (msOf(finishTime) ?? fromMs);
    const word = isOpen ? "running" : enumName(AttemptOutcome, outcome);
    segments.push({ kind: outcomeKind(outcome), fromMs, toMs, label: `attempt ${attempt}, ${word}` });
    beforeMs = toMs;
  }
  const isOver = attempts.at(-1)?.outcome !== AttemptOutcome.UNSPECIFIED;
  const restMs = endMs ?? openMs;
  if (isOver && restMs > beforeMs) segments.push({ kind: "waiting", fromMs: beforeMs, toMs: restMs, label: "waiting" });
  return segments;
}

function outcomeKind(outcome: AttemptOutcome): SegmentKind {
  switch (outcome) {
    case AttemptOutcome.UNSPECIFIED:
      return "running";
    case AttemptOutcome.COMPLETED:
      return "completed";
    case AttemptOutcome.RELEASED:
    case AttemptOutcome.CANCELLED:
      return "cancelled";
    case AttemptOutcome.FAILED:
    case AttemptOutcome.LEASE_LOST:
    case AttemptOutcome.TIMED_OUT:
      return "failed";
  }
}

function ranKind(state: string): SegmentKind {
  return state === "completed" || state === "failed" || state === "cancelled" ? state : "running";
}

/** Where a moment is on the axis, from 0 to 1. */
export function placeOf(axis: Axis, ms: number): number {
  return Math.min(1, Math.max(0, (ms - axis.fromMs) / (axis.toMs - axis.fromMs)));
}

/** Round spans after the beginning of an axis at which it has marks, the beginning included, at most seven. */
export function ticksOf({ fromMs, toMs }: Axis): number[] {
  const length = toMs - fromMs;
  const step = tickSteps.find((each) => length / each <= 6) ?? length;
  const ticks: number[] = [];
  for (let at = 0; at <= length; at += step) ticks.push(at);
  return ticks;
}

/** A span as a scale has it: `500ms`, `1.5s`, `2m 30s`. */
export function scaleText(ms: number): string {
  const rounded = Math.round(ms);
  if (rounded < 1_000) return `${rounded}ms`;
  return rounded < 60_000 ? `${Math.round(rounded / 10) / 100}s` : span(rounded);
}

const tickSteps: readonly number[] = [
  ...[1, 10, 100, 1_000].flatMap((unit) => [unit, 2 * unit, 5 * unit]),
  10_000,
  15_000,
  30_000,
  60_000,
  ...[2, 5, 10, 15, 30, 60].map((minutes) => minutes * 60_000),
  ...[2, 4, 6, 12, 24].map((hours) => hours * 3_600_000),
  ...[2, 5, 10, 20, 50, 100, 200, 500, 1_000].map((days) => days * 86_400_000),
];
