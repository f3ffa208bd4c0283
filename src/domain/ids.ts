/**
 * Ids of tasks, events and workflows: stored as an integer key that holds the time of creation, eleven characters on the wire.
 *
 * A key is the milliseconds since 2025 times 4096, plus a counter: keys grow with time, so that rows are appended and sorting
 * by key is sorting by creation. They stay below 2^53, exact in a JavaScript number, until the year 2094. Where the clock is behind
 * a key that was given out, keys run ahead of it (see key-sequence.ts).
 */

const epochMs = Date.UTC(2025, 0, 1);
const keysPerMs = 4_096;
/** Crockford's alphabet: sorts like its values, and leaves out what people misread. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const idLength = 11;
const lowBits = 30;
const pairs = Array.from({ length: 1_024 }, (_, bits) => alphabet.charAt(bits >>> 5) + alphabet.charAt(bits & 31));
/** The value of each character by its code; -1: it stands in no id. */
const values = Array.from({ length: 128 }, (_, code) => alphabet.indexOf(String.fromCharCode(code)));

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
  const high = Math.floor(key / 2 ** lowBits);
  const low = key % 2 ** lowBits;
  // Two characters at a time: this runs several times for each task.
  return (
    alphabet.charAt((high >>> 20) & 31) +
    pairs[(high >>> 10) & 1023] +
    pairs[high & 1023] +
    pairs[(low >>> 20) & 1023] +
    pairs[(low >>> 10) & 1023] +
    pairs[low & 1023]
  );
}

/** The key of an id; `null` if no key has this id. */
export function keyOfId(id: string): number | null {
  if (id.length !== idLength) return null;
  let key = 0;
  for (let index = 0; index < idLength; index++) {
    const value = values[id.charCodeAt(index)] ?? -1;
    if (value === -1) return null;
    key = key * 32 + value;
  }
  return Number.isSafeInteger(key) ? key : null;
}
