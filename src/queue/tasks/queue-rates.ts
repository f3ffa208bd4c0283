import type { Clock } from "../../domain/clock.ts";
import type { QueueFlow, TaskFlow } from "../../domain/tasks/queue-flow.ts";

/** The length of one step of a history, in milliseconds. */
export const historyStepMs = 5_000;
/** How many steps are kept: five minutes. */
export const historySteps = 60;
/** How many of them a rate is taken over: the last minute. */
const rateSteps = 12;

const kinds = ["enqueued", "handedOut", "finished", "failed"] as const;

/** What is counted of a queue's tasks: stored, handed out, ended in whatever way, and those of them that ended as FAILED. */
export type RateKind = (typeof kinds)[number];

/** Tasks a second over the last minute, or since the server's start if that is nearer. */
export type QueueRate = Readonly<Record<RateKind, number>>;

/** Tasks of each step of five seconds, oldest first; the last one runs. */
export type QueueHistory = Readonly<Record<RateKind, readonly number[]>>;

const noRate: QueueRate = { enqueued: 0, handedOut: 0, finished: 0, failed: 0 };

/**
 * What the tasks of each queue, or the deliveries of each subscription, did in the last five minutes, in memory, from what the store
 * tells of its commits. One whose tasks did nothing in that time takes no room.
 */
export class QueueRates {
  private readonly clock: Clock;
  private readonly startMs: number;
  private readonly rings = new Map<string, Ring>();
  /** Until which step idle rings were dropped. */
  private sweptStep = 0;

  /** Nothing has happened. */
  constructor(clock: Clock) {
    this.clock = clock;
    this.startMs = clock.monotonic();
  }

  /** Counts what a commit did. */
  add(flows: readonly QueueFlow[]): void {
    for (const flow of flows) this.count(flow.queue, flow);
  }

  /** Counts what the tasks of one name did. */
  count(name: string, flow: TaskFlow): void {
    const step = this.step;
    this.sweep(step);
    this.ring(name, step).add(step, flow);
  }

  /** Counts tasks that were handed out: most are never written as RUNNING, so no commit tells of them. */
  handedOut(queue: string, n: number): void {
    const step = this.step;
    this.ring(queue, step).handedOut(step, n);
  }

  /** How fast the tasks of a queue move. */
  rateOf(queue: string): QueueRate {
    const ring = this.rings.get(queue);
    if (ring === undefined) return noRate;
    const step = this.step;
    const sinceStartMs = this.clock.monotonic() - this.startMs;
    const inStepMs = sinceStartMs % historyStepMs;
    // The running step and the whole ones before it. In whole seconds, so that the rate stays the same where nothing happens.
    const spanMs = Math.min(sinceStartMs, (rateSteps - 1) * historyStepMs + inStepMs);
    const seconds = Math.max(Math.floor(spanMs / 1_000), 1);
    return eachKind((kind) => ring.sum(kind, step, rateSteps) / seconds);
  }

  /** What the tasks of a queue did in each step. */
  historyOf(queue: string): QueueHistory {
    const step = this.step;
    const ring = this.rings.get(queue);
    return eachKind((kind) => ring?.steps(kind, step) ?? new Array<number>(historySteps).fill(0));
  }

  /** The queues whose tasks did anything in the steps that are kept, and maybe a few for which that is over. */
  active(): Iterable<string> {
    const step = this.step;
    this.sweep(step);
    return this.rings.keys();
  }

  /** The queues that have a rate, and those that had one until the last step. */
  *moving(): Generator<string, void> {
    const { step } = this;
    for (const [queue, { newest }] of this.rings) if (step - newest <= rateSteps) yield queue;
  }

  private ring(queue: string, step: number): Ring {
    const known = this.rings.get(queue);
    if (known !== undefined) return known;
    const ring = new Ring(step);
    this.rings.set(queue, ring);
    return ring;
  }

  /** Which step runs; the first is 0. */
  get step(): number {
    return Math.floor((this.clock.monotonic() - this.startMs) / historyStepMs);
  }

  /** Drops the rings of which every step is over. */
  private sweep(step: number): void {
    if (step - this.sweptStep < historySteps) return;
    this.sweptStep = step;
    for (const [queue, ring] of this.rings) if (step - ring.newest >= historySteps) this.rings.delete(queue);
  }
}

/** The counts of one queue, step by step. */
class Ring {
  /** The last step that was counted in. */
  newest: number;
  private readonly counts = Object.fromEntries(kinds.map((kind) => [kind, new Uint32Array(historySteps)])) as Record<
    RateKind,
    Uint32Array
  >;

  constructor(step: number) {
    this.newest = step;
  }

  add(step: number, { enqueued, completed, failed, cancelled }: TaskFlow): void {
    this.forward(step);
    const at = step % historySteps;
    const { counts } = this;
    counts.enqueued[at] = (counts.enqueued[at] ?? 0) + enqueued;
    counts.finished[at] = (counts.finished[at] ?? 0) + completed + failed + cancelled;
    counts.failed[at] = (counts.failed[at] ?? 0) + failed;
  }

  handedOut(step: number, n: number): void {
    this.forward(step);
    const at = step % historySteps;
    this.counts.handedOut[at] = (this.counts.handedOut[at] ?? 0) + n;
  }

  /** The sum of the last steps up to this one. */
  sum(kind: RateKind, step: number, steps: number): number {
    let sum = 0;
    for (let each = step; each > step - steps; each--) sum += this.at(kind, each);
    return sum;
  }

  /** The last steps up to this one, oldest first. */
  steps(kind: RateKind, step: number): number[] {
    return Array.from({ length: historySteps }, (_, index) => this.at(kind, step - historySteps + 1 + index));
  }

  private at(kind: RateKind, step: number): number {
    if (step < 0 || step > this.newest || step <= this.newest - historySteps) return 0;
    return this.counts[kind][step % historySteps] ?? 0;
  }

  /** Clears the steps between the last one and this one. */
  private forward(step: number): void {
    const from = Math.max(this.newest + 1, step - historySteps + 1);
    for (let each = from; each <= step; each++) for (const kind of kinds) this.counts[kind][each % historySteps] = 0;
    this.newest = Math.max(this.newest, step);
  }
}

function eachKind<T>(of: (kind: RateKind) => T): Record<RateKind, T> {
  return { enqueued: of("enqueued"), handedOut: of("handedOut"), finished: of("finished"), failed: of("failed") };
}
