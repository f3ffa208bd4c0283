import { payload } from "../payload.ts";

/** A clock that all processes of the machine share, in milliseconds. */
export function machineMs(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1_000 + nanos / 1e6;
}

/** Where a payload says that it holds a time. The others hold none: their bytes are never zero. */
const marked = 0;
const timeAt = 8;

/** A payload that holds when it was made. */
export function timedPayload(): Uint8Array {
  const bytes = Uint8Array.from(payload);
  bytes[marked] = 0;
  new DataView(bytes.buffer).setFloat64(timeAt, machineMs());
  return bytes;
}

/** How old a payload is, in milliseconds; `null`: it does not say. */
export function delayOf(bytes: unknown): number | null {
  if (!(bytes instanceof Uint8Array) || bytes[marked] !== 0) return null;
  return machineMs() - new DataView(bytes.buffer, bytes.byteOffset).getFloat64(timeAt);
}

/** Delays are told apart by so much, in milliseconds, */
const stepMs = 0.1;
/** and those beyond this many steps are not. */
const steps = 50_000;

/** Counts delays, however many there are. */
export class DelayTally {
  #counts: number[] = [];

  add(delayMs: number): void {
    const step = Math.min(Math.max(0, Math.floor(delayMs / stepMs)), steps);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
  }

  /** What was counted since the last time, for each step. */
  take(): readonly number[] {
    const counts = Array.from(this.#counts, (count) => count ?? 0);
    this.#counts = [];
    return counts;
  }
}

/** The delay that a share of those counted do not exceed, in milliseconds. @param share 0 to 1 */
export function delayQuantile(counts: readonly number[], share: number): number {
  let left = counts.reduce((sum, count) => sum + count, 0) * share;
  const step = counts.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
  return (step + 1) * stepMs;
}
