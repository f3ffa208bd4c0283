import { type Lane, workerOf } from "../../domain/balancing/dispatch.ts";

const none: readonly Lane[] = [];

/** The lanes beside each queue that its last claim found. */
export class KnownLanes {
  /** By queue; one without lanes is not in it. */
  private readonly byQueue = new Map<string, readonly Lane[]>();

  /** Takes in what a claim of a queue found. */
  update(queue: string, found: readonly Lane[] = none): void {
    if (found.length === 0) this.byQueue.delete(queue);
    else this.byQueue.set(queue, found);
  }

  /** Whether a queue has lanes. */
  has(queue: string): boolean {
    return this.byQueue.has(queue);
  }

  /** The lanes of a queue that a worker may take tasks of. */
  openTo(workerId: string, queue: string): readonly Lane[] {
    const lanes = this.byQueue.get(queue) ?? none;
    return lanes.filter((lane) => (workerOf(lane) ?? workerId) === workerId);
  }
}
