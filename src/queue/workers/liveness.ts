import type { Clock } from "../../domain/clock.ts";
import { startLeaseTimer } from "../../domain/lease-timer.ts";

/** Watches a worker's messages: one that is silent for the length of a lease loses its leases. */
export class Liveness {
  private readonly clock: Clock;
  private readonly leaseDurationMs: number;
  private readonly onSilent: () => void;
  /** When the worker's last message arrived, by the monotonic clock. */
  private lastHeardMs: number;
  private lastHeardWallMs: number;
  private endTimer: () => void;

  /** Starts to watch a worker whose message has just arrived. `onSilent` is called once. */
  constructor(clock: Clock, leaseDurationMs: number, onSilent: () => void) {
    this.clock = clock;
    this.leaseDurationMs = leaseDurationMs;
    this.onSilent = onSilent;
    this.lastHeardMs = clock.monotonic();
    this.lastHeardWallMs = clock.now();
    this.endTimer = this.startTimer(leaseDurationMs);
  }

  /** When the worker's last message arrived, by the wall clock, in milliseconds. */
  get lastSeenMs(): number {
    return this.lastHeardWallMs;
  }

  /** How long the worker's leases last without further messages, in milliseconds. */
  get leaseLeftMs(): number {
    const leftMs = this.untilSilentMs();
    // Past the end and not ended: the server itself stood still, and no worker could be heard.
    return leftMs > 0 ? leftMs : this.leaseDurationMs;
  }

  /** A message of the worker has come. */
  onMessage(): void {
    this.lastHeardMs = this.clock.monotonic();
    this.lastHeardWallMs = this.clock.now();
  }

  /** Ends the watch. Idempotent. */
  stop(): void {
    this.endTimer();
  }

  private untilSilentMs(): number {
    return this.lastHeardMs + this.leaseDurationMs - this.clock.monotonic();
  }

  /** One timer for all messages: when it fires, it measures the silence. */
  private startTimer(delayMs: number): () => void {
    return startLeaseTimer(this.clock, delayMs, () => {
      const leftMs = this.untilSilentMs();
      if (leftMs > 0) this.endTimer = this.startTimer(leftMs);
      else this.onSilent();
    });
  }
}
