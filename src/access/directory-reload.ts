import type { Clock } from "../domain/clock.ts";
import { overloaded, storeUnreachable } from "../domain/refusals/server.ts";

/** The shortest time between the beginnings of two reloads, in milliseconds. */
const betweenMs = 250;
/** How many wait for a reload at most. */
const mostWaiting = 1_000;

/**
 * Reloads the directory for a credential that is unknown: another server may have stored it a moment ago. However many unknown ones come,
 * it reloads four times a second at most, and one reload serves all that wait for it.
 */
export class DirectoryReload {
  readonly #read: () => Promise<void>;
  readonly #clock: Pick<Clock, "after" | "monotonic">;
  #beganMs = Number.NEGATIVE_INFINITY;
  #next: Promise<void> | null = null;
  #waiting = 0;

  /** @param read reads what is stored, where it has changed */
  constructor(read: () => Promise<void>, clock: Pick<Clock, "after" | "monotonic">) {
    this.#read = read;
    this.#clock = clock;
  }

  /**
   * Resolves once a reload that began after this call has ended.
   *
   * @throws SitqError STORE_UNREACHABLE: nothing could be read; OVERLOADED: too many wait already. Then it is not known whether a credential is good
   */
  async run(): Promise<void> {
    if (this.#waiting >= mostWaiting) throw overloaded;
    this.#waiting++;
    try {
      this.#next ??= this.#reload();
      await this.#next;
    } finally {
      this.#waiting--;
    }
  }

  async #reload(): Promise<void> {
    const waitMs = Math.max(0, this.#beganMs + betweenMs - this.#clock.monotonic());
    await new Promise<void>((resolve) => (waitMs > 0 ? this.#clock.after(waitMs, resolve) : resolve()));
    this.#beganMs = this.#clock.monotonic();
    this.#next = null;
    await this.#read().catch(() => {
      throw storeUnreachable();
    });
  }
}
