import { LogHistogram } from "../../collections/log-histogram.ts";
import type { Clock } from "../../domain/clock.ts";
import { SitqError } from "../../domain/errors.ts";
import type { OutcomeReport } from "../../domain/tasks/outcome.ts";
import type { WatchedLease } from "../leases/watched-lease.ts";
import type { ReportedOutcome, SettledStatus } from "./reported-outcomes.ts";

/** The length of one step of the window, in milliseconds. */
const stepMs = 30_000;
/** How many steps are kept: five minutes. */
const steps = 10;
/** Workers that are counted; the one that was quiet for longest is dropped for a new one. */
const mostWorkers = 4_096;

/** What became of a worker's attempts in the last five minutes. */
export interface WorkerFigures {
  /** The time that they are of, in milliseconds: five minutes, or since the start where that is nearer. */
  readonly windowMs: number;
  readonly completed: number;
  /** Those that ran out of time included. */
  readonly failed: number;
  readonly released: number;
  /** Attempts whose leases were lost. */
  readonly lost: number;
  /** Of those that completed or failed, within a tenth; `null`: none did. */
  readonly medianMs: number | null;
  readonly p95Ms: number | null;
}

/**
 * Counts how the attempts of each worker end, in memory and constant room for each: at most half a kilobyte for a step in which it
 * ended any. In batches of 256 a task costs 20 ns.
 */
export class WorkerStatistics {
  private readonly clock: Clock;
  private readonly startMs: number;
  /** By worker id, the one that was quiet for longest first. */
  private readonly windows = new Map<string, Window>();

  /** Nothing has ended. */
  constructor(clock: Clock) {
    this.clock = clock;
    this.startMs = clock.monotonic();
  }

  /**
   * Counts attempts that ended in one commit.
   *
   * @param leases those under which they ran; `null`: the lease had ended before, and so had the attempt
   */
  ended(
    outcomes: readonly ReportedOutcome[],
    statuses: readonly SettledStatus[],
    leases: readonly (WatchedLease | null)[],
  ): void {
    const nowMs = this.clock.monotonic();
    let workerId: string | null = null;
    let step: Step | null = null;
    for (let index = 0; index < leases.length; index++) {
      const lease = leases[index];
      const outcome = outcomes[index]?.outcome;
      if (lease == null || statuses[index] !== "settled") continue;
      if (outcome === undefined || outcome instanceof SitqError) continue;
      if (lease.workerId !== workerId || step === null) {
        workerId = lease.workerId;
        step = this.windowOf(workerId).step(this.stepAt(nowMs));
      }
      step.ended(outcome.kind, nowMs - lease.startMs);
    }
  }

  /** What became of a worker's attempts. */
  figuresOf(workerId: string): WorkerFigures {
    const nowMs = this.clock.monotonic();
    const sinceStartMs = nowMs - this.startMs;
    // The running step, and the whole ones before it.
    const windowMs = Math.min(sinceStartMs, (steps - 1) * stepMs + (sinceStartMs % stepMs));
    const kept = this.windows.get(workerId)?.last(this.stepAt(nowMs)) ?? [];
    const durations = new LogHistogram();
    for (const step of kept) if (step.durations !== null) durations.add(step.durations);
    const sum = (kind: "completed" | "failed" | "released" | "lost") => kept.reduce((n, step) => n + step[kind], 0);
    return {
      windowMs,
      completed: sum("completed"),
      failed: sum("failed"),
      released: sum("released"),
      lost: sum("lost"),
      medianMs: durations.quantile(0.5),
      p95Ms: durations.quantile(0.95),
    };
  }

  private stepAt(nowMs: number): number {
    return Math.floor((nowMs - this.startMs) / stepMs);
  }

  private windowOf(workerId: string): Window {
    const window = this.windows.get(workerId) ?? new Window();
    this.windows.delete(workerId);
    this.windows.set(workerId, window);
    const [quietest] = this.windows.keys();
    if (this.windows.size > mostWorkers && quietest !== undefined) this.windows.delete(quietest);
    return window;
  }
}

/** The steps of one worker. */
class Window {
  private readonly ring = new Array<Step | null>(steps).fill(null);

  /** The step to count in. */
  step(number: number): Step {
    const known = this.ring[number % steps];
    if (known?.number === number) return known;
    const step = new Step(number);
    this.ring[number % steps] = step;
    return step;
  }

  /** Those of the last steps up to this one in which something ended. */
  last(number: number): Step[] {
    return this.ring.filter((step): step is Step => step !== null && step.number > number - steps);
  }
}

/** What ended in one step. */
class Step {
  readonly number: number;
  completed = 0;
  failed = 0;
  released = 0;
  lost = 0;
  durations: LogHistogram | null = null;

  constructor(number: number) {
    this.number = number;
  }

  ended(kind: OutcomeReport["kind"], ranMs: number): void {
    switch (kind) {
      case "completed":
        this.completed++;
        break;
      case "failed":
      case "timed_out":
        this.failed++;
        break;
      case "released":
        this.released++;
        return;
      case "lease_lost":
        this.lost++;
        return;
      // It did not run.
      case "unsent":
      case "not_arrived":
        return;
    }
    this.durations ??= new LogHistogram();
    this.durations.observe(ranMs);
  }
}
