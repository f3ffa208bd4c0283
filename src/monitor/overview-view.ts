import type { QueueOrder } from "../domain/monitor/queue-order.ts";
import { inQueueOrder, isNamed, type RankedRows } from "./ranking.ts";

/** Which queues of an overview are shown. */
export interface OverviewBounds {
  /** At most so many; `null`: all. */
  readonly maxQueues: number | null;
  readonly order: QueueOrder;
  /** Only those with this in their name; empty: all. */
  readonly nameContains: string;
}

/** How what is shown differs from before. */
export interface ShownChange {
  readonly entered: ReadonlySet<string>;
  readonly left: readonly string[];
}

/** The queues that one sort of watchers is shown: the first ones, as they were at the last update. */
export class OverviewView {
  readonly #rows: RankedRows;
  readonly #bounds: OverviewBounds;
  readonly #allows: (name: string) => boolean;
  /** All names as they were, and those of them that match. */
  #names: readonly string[] = [];
  #matching: readonly string[] = [];
  #orders = -1;
  #shown: ReadonlySet<string> = new Set();

  /** Nothing is shown before the first update. @param allows whether the watchers may see a queue */
  constructor(rows: RankedRows, bounds: OverviewBounds, allows: (name: string) => boolean) {
    this.#rows = rows;
    this.#bounds = bounds;
    this.#allows = allows;
  }

  /** How many queues match, shown or not. */
  get matching(): number {
    return this.#matching.length;
  }

  /** Whether a queue is shown. */
  shows(name: string): boolean {
    return this.#shown.has(name);
  }

  /** What is shown, in order. */
  inOrder(): readonly string[] {
    return inQueueOrder([...this.#shown].sort(), this.#rows, this.#bounds.order);
  }

  /** Puts the queues in order anew, as far as that can make a difference. */
  update(): ShownChange {
    const { maxQueues, order, nameContains } = this.#bounds;
    const names = this.#rows.names();
    const hasNew = names !== this.#names;
    if (hasNew) {
      this.#names = names;
      this.#matching = names.filter((name) => isNamed(name, nameContains) && this.#allows(name));
    }
    const hasMoved = maxQueues !== null && order !== "by_name" && this.#orders !== this.#rows.orders;
    if (!hasNew && !hasMoved) return unchanged;
    this.#orders = this.#rows.orders;
    const before = this.#shown;
    // Of all of them, who comes first makes no difference.
    const first = maxQueues === null ? this.#matching : inQueueOrder(this.#matching, this.#rows, order, maxQueues);
    this.#shown = new Set(first);
    return { entered: new Set(without(this.#shown, before)), left: without(before, this.#shown) };
  }
}

function without(names: ReadonlySet<string>, others: ReadonlySet<string>): string[] {
  return [...names].filter((name) => !others.has(name));
}

const unchanged: ShownChange = { entered: new Set(), left: [] };
