/**
 * Task ids: on the disk an integer key that holds the time of creation, on the wire eleven characters of it.
 *
 * A key is the milliseconds since 2025 times 4096, plus a counter: keys grow with time, so that rows are appended and sorting
 * by key is sorting by creation. They stay below 2^53, exact in a JavaScript number, until the year 2094.
 */

const epochMs = Date.UTC(2025, 0, 1);
const keysPerMs = 4_096;
/** Crockford's alphabet: sorts like its values, and leaves out what people misread. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const idLength = 11;
const lowBits = 30;

/** The smallest key of a moment. */
export function keyAt(ms: number): number {
  return Math.max(ms - epochMs, 0) * keysPerMs;
}

/** The moment of a key, in milliseconds since 1970. */
export function msOfKey(key: number): number {
  return epochMs + Math.floor(key / keysPerMs);
}

/** A key as it stands on the wire. Ids sort as their keys do. */
export function idOfKey(key: number): string {
  let high = Math.floor(key / 2 ** lowBits);
  let low = key % 2 ** lowBits;
  let id = "";
  for (let digit = 0; digit < lowBits / 5; digit++) {
    id = alphabet.charAt(low & 31) + id;
    low >>>= 5;
  }
  while (id.length < idLength) {
    id = alphabet.charAt(high & 31) + id;
    high >>>= 5;
  }
  return id;
}

const idPattern = new RegExp(`^[${alphabet}]{${idLength}}$`);

/** The key of an id; `null` if no key has this id. */
export function keyOfId(id: string): number | null {
  if (!idPattern.test(id)) return null;
  let key = 0;
  for (const character of id) key = key * 32 + alphabet.indexOf(character);
  return Number.isSafeInteger(key) ? key : null;
}

/** Gives out keys, each greater than all before, by the clock where that allows it. */
export interface KeySequence {
  next(nowMs: number): number;
  readonly last: number;
}

/** Goes on after `last`. */
export function createKeySequence(last: number): KeySequence {
  return {
    next(nowMs) {
      last = Math.max(last + 1, keyAt(nowMs));
      return last;
    },
    get last() {
      return last;
    },
  };
}
