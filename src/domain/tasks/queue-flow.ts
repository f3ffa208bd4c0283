import { isFinished, type TaskState } from "./task.ts";

/** What the tasks of a queue did in one commit, or in several. */
export interface QueueFlow {
  /** The queue's name. */
  readonly queue: string;
  /** Tasks that were stored: enqueued, delivered, or steps of workflows. */
  readonly enqueued: number;
  /** Tasks that are COMPLETED now, and were not. */
  readonly completed: number;
  /** Tasks that are FAILED now, and were not. */
  readonly failed: number;
  /** Tasks that are CANCELLED now, and were not. */
  readonly cancelled: number;
}

/** Counts what one transaction does to the tasks of a queue. */
export class FlowCount {
  enqueued = 0;
  private completed = 0;
  private failed = 0;
  private cancelled = 0;

  /** Nothing was counted. */
  get isEmpty(): boolean {
    return this.enqueued === 0 && this.completed + this.failed + this.cancelled === 0;
  }

  /** Counts the move of a task; `null` is outside, as for QueueTable.move. */
  moved(from: TaskState | null, to: TaskState | null): void {
    if (from === null) this.enqueued++;
    if (to !== null && isFinished(to)) this[to]++;
  }

  /** What was counted, and begins at zero again. */
  take(queue: string): QueueFlow {
    const { enqueued, completed, failed, cancelled } = this;
    this.enqueued = this.completed = this.failed = this.cancelled = 0;
    return { queue, enqueued, completed, failed, cancelled };
  }
}
