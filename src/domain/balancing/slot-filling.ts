import { createStickiness } from "./stickiness.ts";

/** Room of a worker for this many tasks. */
export interface Slots {
  readonly workerId: string;
  readonly n: number;
}

/** Room of a worker at another server for this many tasks, as far as it is known here. */
export interface SlotsElsewhere extends Slots {
  /** The types of tasks that the worker takes; `null`: all. */
  readonly types: readonly string[] | null;
}

/** Answers the worker of the next task of a claim, and takes one of its slots; call it no more often than there are slots. */
export type WorkerChoice = () => string;

/**
 * Answers the worker of the next task in line, and takes one of its slots; `null`: the task is for a worker at another server. Call it
 * only while slots of this server's workers are left.
 */
export type StickyChoice = (correlationId: string | null, type: string) => string | null;

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

/**
 * Keeps the tasks of one correlation id with one worker as long as it has slots left, among the workers of all servers: each server that
 * knows the same workers chooses the same one, and leaves to the others what is theirs. So many tasks as a worker elsewhere has slots are
 * left to it and no more: what comes behind them goes to the next one, as it does where all workers are at one server. A task without a
 * correlation id stays with the workers of the server that claims it.
 */
export function stickyWorkers(slots: readonly Slots[], elsewhere: readonly SlotsElsewhere[] = []): StickyChoice {
  const all = [...slots, ...elsewhere];
  const left = all.map(({ n }) => n);
  const types = [...slots.map(() => null), ...elsewhere.map((each) => each.types && new Set(each.types))];
  const stickiness = createStickiness(all.map(({ workerId }) => workerId));
  return (correlationId, type) => {
    const index =
      correlationId === null
        ? left.indexOf(Math.max(...left.slice(0, slots.length)))
        : stickiness.indexFor(correlationId, (at) => (left[at] ?? 0) > 0 && (types[at]?.has(type) ?? true));
    left[index] = (left[index] ?? 0) - 1;
    return slots[index]?.workerId ?? null;
  };
}
