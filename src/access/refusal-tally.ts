import { TokenBucket } from "../collections/token-bucket.ts";
import type { AuditEntry } from "../domain/access/audit-entry.ts";
import type { Clock } from "../domain/clock.ts";

/** One refusal. */
export type Refusal = Omit<AuditEntry, "count">;

/** What a tally needs. */
export interface RefusalTallyOptions {
  readonly clock: Pick<Clock, "after" | "monotonic">;
  /** Takes an entry to store. */
  readonly write: (entry: AuditEntry) => void;
}

/** How long refusals of one kind are counted for one entry, in milliseconds. */
const windowMs = 60_000;
/** How many kinds are counted each by itself at a time. */
const mostKinds = 256;
/** How many entries of kinds can be stored in a burst, and how many in a minute. */
const burst = 1_000;
const perMinute = 10;

/** Refusals of one kind since the last entry. */
interface Counted {
  newest: Refusal;
  count: number;
}

/**
 * Makes few entries of many refusals, so that they fill neither the disk nor the memory.
 *
 * Refusals of one kind have the same peer, principal, method and reason. The first becomes an entry at once, those of each minute after it
 * one entry together. At most 256 kinds have entries of their own, and at most 14,400 entries a day after a burst of 1,000; all others
 * are counted by their reason alone: an entry a minute for each. With a retention of 90 days that is at most some 2 million entries, or
 * half a GiB.
 */
export class RefusalTally {
  readonly #options: RefusalTallyOptions;
  readonly #kinds = new Map<string, Counted>();
  /** What is counted by its reason alone. */
  readonly #others = new Map<string, Counted>();
  readonly #room: TokenBucket;
  #endWindow: (() => void) | null = null;

  constructor(options: RefusalTallyOptions) {
    this.#options = options;
    this.#room = new TokenBucket(options.clock, perMinute, burst);
  }

  /** @param count how many of its kind they are */
  add(refusal: Refusal, count = 1): void {
    this.#endWindow ??= this.#options.clock.after(windowMs, () => this.#closeWindow());
    const { peer, principal, method, reason } = refusal;
    const kind = JSON.stringify([peer, principal, method, reason]);
    const known = this.#kinds.get(kind);
    if (known !== undefined) {
      known.newest = refusal;
      known.count += count;
    } else if (this.#kinds.size < mostKinds && this.#room.take()) {
      this.#kinds.set(kind, { newest: refusal, count: 0 });
      this.#options.write({ ...refusal, count });
    } else this.#addToOthers(refusal, count);
  }

  /** Writes what is counted, and ends its timer. */
  stop(): void {
    this.#endWindow?.();
    this.#endWindow = null;
    this.#writeCounted();
    this.#kinds.clear();
  }

  #closeWindow(): void {
    this.#writeCounted();
    const goesOn = this.#kinds.size > 0;
    this.#endWindow = goesOn ? this.#options.clock.after(windowMs, () => this.#closeWindow()) : null;
  }

  /** Writes the counts of the minute, and forgets the kinds that did not come again. */
  #writeCounted(): void {
    for (const [kind, counted] of this.#kinds) {
      const { newest, count } = counted;
      if (count === 0) this.#kinds.delete(kind);
      else if (this.#room.take()) this.#options.write({ ...newest, count });
      else this.#addToOthers(newest, count);
      counted.count = 0;
    }
    for (const { newest, count } of this.#others.values()) this.#options.write({ ...newest, count });
    this.#others.clear();
  }

  #addToOthers(refusal: Refusal, count: number): void {
    const before = this.#others.get(refusal.reason)?.count ?? 0;
    const newest = { ...refusal, peer: "", principal: "", credential: "", method: "", resource: "" };
    this.#others.set(refusal.reason, { newest, count: before + count });
  }
}
