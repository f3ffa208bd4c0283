import { onAbort } from "../../async/signals.ts";

/** Says that something has happened, however often, to one who waits for it. */
export class Bell {
  #hasRung = false;
  #wake: (() => void) | null = null;

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** Resolves when it has rung since the last time, after so many milliseconds, or when the signal is aborted. */
  async next(signal: AbortSignal, mostMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (!this.#hasRung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = Number.isFinite(mostMs) ? setTimeout(resolve, mostMs) : undefined;
        const release = onAbort(signal, () => this.#wake?.());
        this.#wake = () => {
          clearTimeout(timer);
          release();
          resolve();
        };
      });
    }
    this.#wake = null;
    this.#hasRung = false;
  }
}
