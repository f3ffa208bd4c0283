import { limits } from "./limits.ts";

/** What one message may hold. */
export interface MessageBounds {
  /** Default: what a client takes. */
  readonly maxBytes?: number;
  /** Default: any number. */
  readonly maxCount?: number;
}

/** How many of the items, from the first on, fit together into one message. The first always does: it would never be sent otherwise. */
export function countWithin<T>(items: readonly T[], sizeOf: (item: T) => number, bounds: MessageBounds = {}): number {
  const { maxBytes = limits.messageBytes, maxCount = Number.POSITIVE_INFINITY } = bounds;
  let bytes = 0;
  let count = 0;
  for (const item of items) {
    bytes += sizeOf(item);
    if (count > 0 && (bytes > maxBytes || count === maxCount)) break;
    count++;
  }
  return count;
}

/** Those of the items that `countWithin` counts. */
export function firstWithin<T>(items: readonly T[], sizeOf: (item: T) => number, bounds?: MessageBounds): T[] {
  return items.slice(0, countWithin(items, sizeOf, bounds));
}

/** The items in order, in parts of which each fits into one message. */
export function* inMessages<T>(items: readonly T[], sizeOf: (item: T) => number): Generator<readonly T[], void> {
  let rest = items;
  while (rest.length > 0) {
    const count = countWithin(rest, sizeOf);
    yield count === rest.length ? rest : rest.slice(0, count);
    rest = rest.slice(count);
  }
}
