import { type Instance, type InstanceFilter, matchesFilter } from "../domain/instance.ts";
import { createFeed, type Feed } from "../domain/service.ts";
import type { TableChange } from "./instance-table.ts";

/** What happened to an instance, as the watcher of some of them sees it. */
export interface InstanceEvent {
  readonly type: "added" | "updated" | "removed";
  /** After the change; of one that was removed, the last that was known. */
  readonly instance: Instance;
  /** Where to go on after it. */
  readonly position: string;
}

/** Where a watch begins. */
export interface WatchBeginning {
  /** Everything anew; otherwise what changed since the position that was asked for. */
  readonly isSnapshot: boolean;
  readonly events: readonly InstanceEvent[];
  /** Where to go on after all of `events`. */
  readonly position: string;
}

/** Follows the instances. Its stop ends all watches. */
export interface InstanceFeed extends Feed {
  /** Tells every watcher of it. */
  push(change: TableChange): void;
  /** What a watch begins with: what changed since `position`, or all that there is if that is not known any more. */
  beginning(filter: InstanceFilter, position: string | null): WatchBeginning;
  /** Tells `sink` every change that matches, until the answered function is called. From its return on nothing is missed. */
  watch(filter: InstanceFilter, sink: (changes: readonly InstanceEvent[]) => void): () => void;
}

/** How many changes are kept for those who come back. */
const keptChanges = 4_096;

interface NumberedChange extends TableChange {
  readonly number: number;
}

/**
 * Creates an empty feed.
 *
 * @param epoch tells the positions of this process from another's
 * @param snapshot answers all instances that match
 */
export function createInstanceFeed(epoch: string, snapshot: (filter: InstanceFilter) => Instance[]): InstanceFeed {
  const sinks = new Set<(change: NumberedChange) => void>();
  let kept: NumberedChange[] = [];
  let last = 0;

  const positionOf = (number: number) => `${epoch}.${number}`;

  /** The kept changes after a position; `null`: it is not known, or too long ago. */
  function since(position: string | null): NumberedChange[] | null {
    const [of, digits] = position?.split(".") ?? [];
    const number = Number(digits);
    if (of !== epoch || !Number.isInteger(number) || number > last || number < last - kept.length) return null;
    return number === last ? [] : kept.slice(number - last);
  }

  function seenBy(filter: InstanceFilter, { before, after, number }: NumberedChange): InstanceEvent[] {
    const was = before !== null && matchesFilter(before, filter) ? before : null;
    const is = after !== null && matchesFilter(after, filter) ? after : null;
    const position = positionOf(number);
    if (is !== null) return [{ type: was === null ? "added" : "updated", instance: is, position }];
    return was === null ? [] : [{ type: "removed", instance: was, position }];
  }

  return {
    ...createFeed(),

    push(change) {
      const numbered = { ...change, number: ++last };
      kept.push(numbered);
      // Not one by one: that would move all the others each time.
      if (kept.length >= 2 * keptChanges) kept = kept.slice(-keptChanges);
      for (const sink of sinks) sink(numbered);
    },

    beginning(filter, position) {
      const missed = since(position);
      const now = positionOf(last);
      const events =
        missed === null
          ? snapshot(filter).map((instance) => ({ type: "added", instance, position: now }) as const)
          : missed.flatMap((change) => seenBy(filter, change));
      return { isSnapshot: missed === null, events, position: now };
    },

    watch(filter, sink) {
      const listener = (change: NumberedChange) => {
        const events = seenBy(filter, change);
        if (events.length > 0) sink(events);
      };
      sinks.add(listener);
      return () => void sinks.delete(listener);
    },
  };
}
