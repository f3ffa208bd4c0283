import { setTimeout as sleep } from "node:timers/promises";
import { CallError } from "../../client/index.ts";
import { withFirstWord } from "../command/first-word.ts";

/** How long it waits before it connects again, in milliseconds. */
const reconnectMs = { first: 250, most: 5_000 };
/** Refusals that no repeat changes: UNIMPLEMENTED, PERMISSION_DENIED, UNAUTHENTICATED, NOT_FOUND. */
const lasting: ReadonlySet<number> = new Set([12, 7, 16, 5]);

/** How a stream is followed. */
export interface Following<T> {
  /** Begins the call, which ends when the signal is aborted. */
  open(signal: AbortSignal): AsyncIterable<T>;
  take(message: T): void;
  /** It broke, and is begun again. */
  broken(why: string): void;
}

/** Follows a stream of the server, and again when it broke, until the signal is aborted. Rejects where it cannot be followed. */
export async function follow<T>(
  address: string,
  signal: AbortSignal,
  { open, take, broken }: Following<T>,
): Promise<void> {
  let waitMs = reconnectMs.first;
  let hasBegun = false;
  while (!signal.aborted) {
    try {
      for await (const message of withFirstWord(address, signal, open)) {
        hasBegun = true;
        waitMs = reconnectMs.first;
        take(message);
      }
      if (!signal.aborted) broken("the stream ended");
    } catch (error) {
      if (signal.aborted) return;
      // The first time there is nothing to show yet.
      if (!hasBegun || (error instanceof CallError && lasting.has(error.code))) throw error;
      broken(error instanceof Error ? error.message : String(error));
    }
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, reconnectMs.most);
  }
}
