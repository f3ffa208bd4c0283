import type { Clock } from "../domain/clock.ts";
import { draining } from "../domain/refusals/server.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service } from "../domain/service.ts";
import { createWaitGroup } from "../domain/wait-group.ts";
import type { EventStore } from "../store/event-store.ts";

/** What became of the deliveries of a subscription that was deleted. */
export interface EndedDeliveries {
  /** Those that waited, and are CANCELLED. */
  readonly cancelled: number;
  /** Those that run, and go on. */
  readonly running: number;
}

/**
 * Cancels the waiting deliveries of deleted subscriptions, in batches so small that other work goes on between them. Its start
 * takes up what an earlier process left; its stop ends it after the current batch.
 */
export interface SubscriptionRemover extends Service {
  /**
   * Finishes the deletion of one, whether or not the caller waits for it.
   *
   * @throws SitqError DRAINING if the server stops before: the next start finishes it
   */
  finish(subscription: number): Promise<EndedDeliveries>;
  /** Finishes every deletion that is stored and not finished. Rejects only once it is stopped. */
  runOnce(): Promise<void>;
}

/** Creates a remover over a store. */
export function createSubscriptionRemover(
  store: Pick<EventStore, "endDeliveries" | "endingSubscriptions">,
  clock: Clock,
  retries: Retries,
): SubscriptionRemover {
  const finishing = createWaitGroup();
  let stopped = false;

  async function cancelWaiting(subscription: number): Promise<EndedDeliveries> {
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

  function finish(subscription: number): Promise<EndedDeliveries> {
    return finishing.track(cancelWaiting(subscription));
  }

  async function finishAll(subscriptions: readonly number[]): Promise<void> {
    await Promise.all(subscriptions.map(finish));
  }

  const service = createService({
    async start() {
      const left = await store.endingSubscriptions();
      // Only the end of the server ends it before.
      finishAll(left).catch(() => undefined);
    },
    async stop() {
      stopped = true;
      await finishing.wait();
    },
  });

  return {
    ...service,
    finish,
    runOnce: async () => finishAll(await store.endingSubscriptions()),
  };
}
