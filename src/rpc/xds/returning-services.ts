import type { Clock } from "../../domain/clock.ts";

/**
 * Workers are instances while their streams are open, so that a server which has just started knows none of them: they come back within this
 * time, in milliseconds.
 */
const returnMs = 5_000;

/** The services whose workers may come back, because the server has just started. */
export class ReturningServices {
  readonly #clock: Pick<Clock, "after" | "monotonic">;
  readonly #onOver: (services: Iterable<string>) => void;
  /** By the monotonic clock; `null`: no client has come yet. */
  #untilMs: number | null = null;
  readonly #awaited = new Set<string>();
  #endTimer: (() => void) | null = null;

  /** @param onOver called with the services that were asked for, when their workers have had their time */
  constructor(clock: Pick<Clock, "after" | "monotonic">, onOver: (services: Iterable<string>) => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  /** Takes in that there are clients. With the first one the time begins: before the server listens no worker can come back. */
  begin(): void {
    this.#untilMs ??= this.#clock.monotonic() + returnMs;
  }

  /** Whether workers of a service may still come back. */
  mayReturn(service: string): boolean {
    const leftMs = (this.#untilMs ?? 0) - this.#clock.monotonic();
    if (leftMs <= 0) return false;
    this.#awaited.add(service);
    this.#endTimer ??= this.#clock.after(leftMs, () => {
      this.#endTimer = null;
      const services = [...this.#awaited];
      this.#awaited.clear();
      this.#onOver(services);
    });
    return true;
  }

  /** Waits for none any more. */
  forget(): void {
    this.#endTimer?.();
    this.#endTimer = null;
    this.#awaited.clear();
  }
}
