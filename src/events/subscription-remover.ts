import type { Clock } from "../domain/clock.ts";
import { draining } from "../domain/refusals/server.ts";
import type { Retries } from "../domain/retries.ts";
import type { EventStore } from "../store/event-store.ts";

/** What became of the deliveries of a subscription that was deleted. */
export interface EndedDeliveries {
  /** Those that waited, and are CANCELLED. */
  readonly cancelled: number;
  /** Those that run, and go on. */
  readonly running: number;
}

/** Cancels what waits of subscriptions that were deleted, in batches between which others get their turn. */
export interface SubscriptionRemover {
  /**
   * Brings one to its end, whether or not the caller waits for it.
   *
   * @throws SitqError DRAINING if the server stops before: the next start goes on with it
   */
  finish(subscription: number): Promise<EndedDeliveries>;
  /** Takes up what an earlier process left. */
  start(): Promise<void>;
  /** Idempotent; legal before start. Ends after the current batch. */
  stop(): void;
}

/** Creates a remover over a store. */
export function createSubscriptionRemover(store: EventStore, clock: Clock, retries: Retries): SubscriptionRemover {
  let stopped = false;

  async function finish(subscription: number): Promise<EndedDeliveries> {
    let cancelled = 0;
    let running = 0;
    while (!stopped) {
      const batch = await retries.untilDone("cancelling what waits of deleted subscriptions", () =>
        store.endDeliveries(subscription, clock.now()),
      );
      cancelled += batch.cancelled;
      running += batch.running;
      if (batch.isDone) return { cancelled, running };
    }
    throw draining("The subscription is deleted; its waiting deliveries are cancelled after the start.");
  }

  return {
    finish,
    async start() {
      for (const subscription of await store.endingSubscriptions()) {
        // Only the end of the server ends it before.
        finish(subscription).catch(() => undefined);
      }
    },
    stop() {
      stopped = true;
    },
  };
}
