import { keyAt, msOfKey } from "./ids.ts";

/**
 * Gives out keys, each greater than all before, and knows the time of each.
 *
 * A key is the time of its making, unless the clock is behind the last one: it was set back, or the file was written by a clock
 * that was ahead. Then keys run ahead of the clock by as much as it takes to go on upwards. From which key on by how much is
 * stored, so that the time of each key stays known, and the key of each time: what is created after a step of the clock has the
 * time of the clock.
 */
export interface KeySequence {
  /** The next key. Call it in a transaction. */
  next(nowMs: number): number;
  readonly last: number;
  /** When a key was given out, in milliseconds since 1970. */
  timeOf(key: number): number;
  /** The key of a moment, by the newest clock that saw it: all keys of moments before are smaller. */
  at(ms: number): number;
  /** The smallest key that a moment may have, or any later one. */
  firstAt(ms: number): number;
  /** Whether keys tell their time by more than one measure. Then a range of keys may hold other times as well. */
  readonly isBent: boolean;
  /** Reads again what is stored, after a transaction was undone. */
  reload(): void;
}

/** From one key on, keys run ahead of the clock by so much. */
export interface Stretch {
  readonly fromKey: number;
  readonly aheadMs: number;
}

/** Remembers stretches; those that it answers come in the order of their keys. */
export interface StretchLog {
  read(): readonly Stretch[];
  add(stretch: Stretch): void;
}

/** How far the clock may be behind the last key without more ado, in milliseconds: many keys at once run a little ahead. */
const toleratedMs = 1_000;
/** Above this key, keys no longer follow the clock. */
const mostKey = Number.MAX_SAFE_INTEGER - 2 ** 40;
const first: Stretch = { fromKey: 0, aheadMs: 0 };

/** Creates a sequence that continues after `last`. */
export function createKeySequence(last: number, log: StretchLog): KeySequence {
  let stretches: readonly Stretch[] = [first];
  let current = first;

  function reload(): void {
    stretches = [first, ...log.read()];
    current = stretches.at(-1) ?? first;
  }

  function begin(aheadMs: number): void {
    current = { fromKey: last + 1, aheadMs };
    log.add(current);
    stretches = [...stretches, current];
  }

  function stretchOf(key: number): Stretch {
    if (key >= current.fromKey) return current;
    return stretches.findLast(({ fromKey }) => fromKey <= key) ?? first;
  }

  reload();
  return {
    reload,

    next(nowMs) {
      if (msOfKey(last) - current.aheadMs - nowMs > toleratedMs) begin(msOfKey(last) + 1 - nowMs);
      else if (current.aheadMs > 0 && keyAt(nowMs) > last) begin(0);
      last = Math.max(last + 1, Math.min(keyAt(nowMs + current.aheadMs), mostKey));
      return last;
    },

    get last() {
      return last;
    },

    get isBent() {
      return stretches.length > 1;
    },

    timeOf: (key) => msOfKey(key) - stretchOf(key).aheadMs,

    at(ms) {
      for (let index = stretches.length - 1; index > 0; index--) {
        const { fromKey, aheadMs } = stretches[index] ?? first;
        const key = keyAt(ms + aheadMs);
        if (key >= fromKey) return Math.min(key, stretches[index + 1]?.fromKey ?? key);
      }
      return Math.min(keyAt(ms), stretches[1]?.fromKey ?? Number.MAX_SAFE_INTEGER);
    },

    firstAt(ms) {
      for (const [index, { fromKey, aheadMs }] of stretches.entries()) {
        const key = Math.max(keyAt(ms + aheadMs), fromKey);
        if (key < (stretches[index + 1]?.fromKey ?? Number.MAX_SAFE_INTEGER)) return key;
      }
      return last + 1;
    },
  };
}
