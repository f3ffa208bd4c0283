import { isFinished, type TaskState } from "./task.ts";

/** What tasks did in one commit, or in several. */
export interface TaskFlow {
  /** Tasks that were stored: enqueued, delivered, or steps of workflows. */
  readonly enqueued: number;
  /** Tasks that are COMPLETED now, and were not. */
  readonly completed: number;
  /** Tasks that are FAILED now, and were not. */
  readonly failed: number;
  /** Tasks that are CANCELLED now, and were not. */
  readonly cancelled: number;
}

/** What the tasks of a queue did. */
export interface QueueFlow extends TaskFlow {
  /** The queue's name. */
  readonly queue: string;
}

/** What the deliveries of a subscription did. */
export interface DeliveryFlow extends TaskFlow {
  /** The subscription's name. */
  readonly subscription: string;
}

/** Counts what one transaction does to tasks: those of a queue, or the deliveries of a subscription. */
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
  take(): TaskFlow {
    const { enqueued, completed, failed, cancelled } = this;
    this.enqueued = this.completed = this.failed = this.cancelled = 0;
    return { enqueued, completed, failed, cancelled };
  }
}
