import type { Clock } from "../../../domain/clock.ts";

/** No transaction waits longer than this for calls that are about to come, in milliseconds. */
const mostMs = 20;
/** Fewer attempts are not waited for. */
const fewest = 8;
/** After a wait that was not worth it so many transactions do not wait; after the next one twice as many, and so on to the most. */
const firstPause = 1;
const mostPause = 512;

/**
 * Lets a transaction wait for the ends of attempts that are about to come. Workers with short tasks answer what they were given all at once:
 * without the wait they fall into halves, of which one is committed while the other works, and each pays for a transaction of its own. What
 * a transaction costs is worth more than what the wait takes.
 *
 * A wait ends when as many attempts have ended as began and have not ended since, and after as long as the last transaction took. Where
 * tasks take long it would be in vain: a wait in which fewer come than half of those that were there is the last one for a while.
 */
export class Gathering {
  private readonly clock: Pick<Clock, "after">;
  /** Attempts that began lately and have not ended. */
  private running = 0;
  /** Ends of attempts that wait for a transaction. */
  private ended = 0;
  private lastMs = 0;
  private pause = firstPause;
  /** Transactions that do not wait. */
  private pausedFor = 0;
  /** Ends the wait. */
  private onEnded: () => void = () => undefined;

  /** @param clock measures the wait */
  constructor(clock: Pick<Clock, "after">) {
    this.clock = clock;
  }

  /** The ends of `n` attempts wait. */
  add(n: number): void {
    this.ended += n;
    this.onEnded();
  }

  /** Resolves when the next transaction should begin; `null`: at once. */
  next(): Promise<void> | null {
    const { ended: there, running } = this;
    const isWorthIt = there > 0 && running >= fewest && there < running;
    if (!isWorthIt || this.pausedFor > 0 || this.lastMs === 0) {
      if (isWorthIt) this.pausedFor--;
      return null;
    }
    return new Promise((resolve) => {
      const end = () => {
        callOff();
        this.onEnded = () => undefined;
        this.judge(there);
        // At the end of this turn: the claims of those who have room now go along.
        setImmediate(resolve);
      };
      const callOff = this.clock.after(Math.min(this.lastMs, mostMs), end);
      this.onEnded = () => {
        if (this.ended >= this.running) end();
      };
    });
  }

  /** The ends of `n` attempts that waited are taken into a transaction. */
  taken(n: number): void {
    this.running = Math.max(this.running - n, 0);
    this.ended -= n;
  }

  /** A transaction in which `n` attempts began took so long. */
  committed(n: number, ms: number): void {
    this.running += n;
    this.lastMs = ms;
  }

  private judge(there: number): void {
    if (this.ended >= 1.5 * there || this.ended >= this.running) {
      this.pause = firstPause;
      // What has not come takes longer than that.
      this.running = Math.min(this.running, this.ended);
      return;
    }
    this.pausedFor = this.pause;
    this.pause = Math.min(2 * this.pause, mostPause);
  }
}
