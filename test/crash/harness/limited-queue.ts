import type { History } from "./history.ts";

/** The queue of the crash tests of which few tasks may run at once. */
export const limitedQueue = "crash-limited";
/** How many. */
export const mostRunning = 3;

/** What workers hold of `limitedQueue`, as long as it is surely running: from the hand-out until something is said of it. */
export class LimitWatch {
  private readonly history: History;
  private readonly held = new Set<string>();

  /** @param history takes what must not be */
  constructor(history: History) {
    this.history = history;
  }

  /** A worker was given a task. */
  handedOut(taskId: string, workerId: string): void {
    this.held.add(taskId);
    // One that is called off does not run any more, and its worker may not know that yet.
    for (const cancel of this.history.cancels) this.held.delete(cancel.taskId);
    if (this.held.size <= mostRunning) return;
    const all = [...this.held].join(", ");
    this.history.unexpected.push(`${workerId} was given ${taskId}, and ${mostRunning} may run at once: ${all}`);
  }

  /** Its worker is about to say how it ended, or has lost it. */
  left(taskId: string): void {
    this.held.delete(taskId);
  }
}
