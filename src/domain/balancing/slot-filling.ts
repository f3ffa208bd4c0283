import { createStickiness } from "./stickiness.ts";

/** Room of a worker for this many tasks. */
export interface Slots {
  readonly workerId: string;
  readonly n: number;
}

/** Answers the worker of the next task of a claim, and takes one of its slots; call it no more often than there are slots. */
export type WorkerChoice = (correlationId: string | null) => string;

/** Fills one slot after the other. */
export function workersInOrder(slots: readonly Slots[]): WorkerChoice {
  let index = 0;
  let taken = 0;
  return () => {
    while (slots[index] !== undefined && taken >= (slots[index]?.n ?? 0)) {
      index++;
      taken = 0;
    }
    taken++;
    return slots[index]?.workerId ?? "";
  };
}

/** Keeps the tasks of one correlation id with one worker as long as it has slots left. */
export function stickyWorkers(slots: readonly Slots[]): WorkerChoice {
  const left = slots.map(({ n }) => n);
  const stickiness = createStickiness(slots.map(({ workerId }) => workerId));
  return (correlationId) => {
    const index =
      correlationId === null
        ? left.indexOf(Math.max(...left))
        : stickiness.indexFor(correlationId, (at) => (left[at] ?? 0) > 0);
    left[index] = (left[index] ?? 0) - 1;
    return slots[index]?.workerId ?? "";
  };
}
