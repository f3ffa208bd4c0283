import type { Lease } from "../../../../src/domain/lease.ts";
import type { ClaimedTask } from "../../../../src/domain/tasks/task.ts";
import type { SettleAnswer } from "../../../../src/store/task-store.ts";
import { leaseOf, type Outcome } from "../../outcomes.ts";

/** A task in a worker's hands, as far as is known. */
interface HandOut {
  readonly task: ClaimedTask;
  /** Nothing was called yet that may end it. */
  isHeld: boolean;
  /** It was given back, so that its number is used again. */
  isReleased: boolean;
}

/**
 * Watches what clients of several servers on one database call and are answered, and notes what must not be. What a call may end is ended when
 * it is called, for another server may act on it before the answer.
 */
export class Judge {
  /** What must not be, one a line. */
  readonly faults: string[] = [];
  /** How much it has judged. */
  readonly counts = { handOuts: 0, settled: 0, stale: 0, ordered: 0 };
  private readonly limits: ReadonlyMap<string, number>;
  private readonly handOuts = new Map<string, HandOut>();
  private readonly completed = new Map<string, string>();
  private readonly calledOff = new Set<string>();
  /** The last event of each key that was handed out, by its position. */
  private readonly positions = new Map<string, string>();

  /** @param limits `max_running` of queues that have one */
  constructor(limits: ReadonlyMap<string, number>) {
    this.limits = limits;
  }

  /** A claim was answered. */
  claimed(tasks: readonly ClaimedTask[]): void {
    for (const task of tasks) this.handedOut(task);
  }

  /** These tasks are about to be cancelled. */
  cancelling(ids: readonly string[]): void {
    for (const id of ids) this.calledOff.add(id);
    for (const handOut of this.handOuts.values()) if (ids.includes(handOut.task.id)) handOut.isHeld = false;
  }

  /** A lease is about to be settled. */
  settling(task: ClaimedTask, outcome: Outcome): void {
    const handOut = this.handOuts.get(nameOf(task));
    if (handOut?.task.workerId !== task.workerId) return;
    handOut.isHeld = false;
    if (outcome.kind === "released") handOut.isReleased = true;
  }

  /** A settlement was answered. */
  settled(task: ClaimedTask, outcome: Outcome, answer: SettleAnswer): void {
    const name = `${nameOf(task)} of ${task.workerId}`;
    if (answer.status === "settled") this.counts.settled++;
    else if (answer.status === "stale") this.counts.stale++;
    if (answer.status !== "settled" && !this.calledOff.has(task.id))
      this.faults.push(`${name}: ${outcome.kind} is ${answer.status}, and nobody cancelled it`);
    if (answer.status !== "settled" || outcome.kind !== "completed") return;
    const before = this.completed.get(task.id);
    if (before !== undefined) this.faults.push(`${name} was completed, and ${before} before`);
    this.completed.set(task.id, name);
  }

  /** A settlement by a worker that does not hold the lease was answered. */
  forged(task: Lease, answer: SettleAnswer): void {
    if (answer.status === "settled" || answer.status === "already_settled")
      this.faults.push(`${nameOf({ id: task.taskId, attempt: task.attempt })}: ${answer.status} for a stranger`);
  }

  /** The completions that were acknowledged, by the tasks' ids. */
  get completions(): ReadonlyMap<string, string> {
    return this.completed;
  }

  private handedOut(task: ClaimedTask): void {
    const name = nameOf(task);
    this.counts.handOuts++;
    const before = this.handOuts.get(name);
    if (before !== undefined && !before.isReleased)
      this.faults.push(`${name} was handed to ${before.task.workerId} and to ${task.workerId}`);
    if (this.completed.has(task.id)) this.faults.push(`${name} was handed out after ${this.completed.get(task.id)}`);
    const isCalledOff = this.calledOff.has(task.id);
    this.handOuts.set(name, { task, isHeld: !isCalledOff, isReleased: false });
    if (isCalledOff) return;
    this.judgeLimit(task.queue);
    this.judgeOrder(task);
  }

  private judgeLimit(queue: string): void {
    const limit = this.limits.get(queue);
    if (limit === undefined) return;
    const held = this.held().filter(({ task }) => task.queue === queue).length;
    if (held > limit) this.faults.push(`${held} tasks of ${queue} run, and ${limit} may`);
  }

  private judgeOrder({ id, event, origin }: ClaimedTask): void {
    const subject = event?.subject;
    if (origin?.kind !== "delivery" || event == null || subject == null) return;
    this.counts.ordered++;
    const key = `${origin.subscription} ${subject}`;
    const others = this.held().filter(
      ({ task }) =>
        task.id !== id &&
        task.event?.subject === subject &&
        task.origin?.kind === "delivery" &&
        task.origin.subscription === origin.subscription,
    );
    if (others.length > 0) this.faults.push(`${id} of ${key} was handed out beside ${others[0]?.task.id}`);
    const last = this.positions.get(key) ?? "";
    if (event.position < last) this.faults.push(`${id} of ${key} was handed out after a later one`);
    else this.positions.set(key, event.position);
  }

  private held(): HandOut[] {
    return [...this.handOuts.values()].filter(({ isHeld }) => isHeld);
  }
}

function nameOf({ id, attempt }: Pick<ClaimedTask, "id" | "attempt">): string {
  return `${id}/${attempt}`;
}

/** The lease of a task, as a worker names it that does not hold it. */
export function strangersLease(task: ClaimedTask): Lease {
  return { ...leaseOf(task), workerId: "stranger" };
}
