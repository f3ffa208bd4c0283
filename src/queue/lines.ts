import { type Balancer, type BalancingStrategy, createBalancer } from "../domain/balancing.ts";
import type { Trouble } from "../domain/retries.ts";
import type { Consumer, TypeSet } from "./consumer.ts";

/** A queue, for those who work it and handle the same types. */
export interface Line {
  readonly queue: string;
  readonly types: TypeSet | null;
  readonly consumers: Set<Consumer>;
  readonly balancer: Balancer;
  strategy: BalancingStrategy;
  /** How many tasks may be ready that no claim under way is for. Too many costs an empty claim, too few a task that waits. */
  expected: number;
  /** All that was ever woken for, so that a claim that found nothing cannot hide a task that came meanwhile. */
  woken: number;
  /** Wakes for nobody knows how many. */
  wokenForAny: number;
  /** Whether `max_running` held tasks back. */
  limited: boolean;
  /** Claims under way. */
  claims: number;
  /** Claims that fail are tried again without a wake. */
  readonly trouble: Trouble;
}

/** The lines that somebody works: usually one a queue, and one for each set of types where its workers differ. */
export interface Lines {
  of(queue: string): readonly Line[];
  find(queue: string, types: TypeSet | null): Line | undefined;
  /** Adds a line without consumers, of which nobody knows how many tasks are ready. */
  add(queue: string, types: TypeSet | null): Line;
  drop(line: Line): void;
}

const none: readonly Line[] = [];

/** No queue is worked. */
export function createLines(random: () => number, newTrouble: () => Trouble): Lines {
  const lines = new Map<string, readonly Line[]>();

  return {
    of: (queue) => lines.get(queue) ?? none,
    find: (queue, types) => lines.get(queue)?.find((line) => line.types?.key === types?.key),

    add(queue, types) {
      const line: Line = {
        queue,
        types,
        consumers: new Set(),
        balancer: createBalancer(random),
        strategy: "least_loaded",
        expected: Number.POSITIVE_INFINITY,
        woken: 0,
        wokenForAny: 0,
        limited: false,
        claims: 0,
        trouble: newTrouble(),
      };
      lines.set(queue, [...(lines.get(queue) ?? none), line]);
      return line;
    },

    drop(dropped) {
      const left = lines.get(dropped.queue)?.filter((line) => line !== dropped) ?? none;
      if (left.length === 0) lines.delete(dropped.queue);
      else lines.set(dropped.queue, left);
    },
  };
}
