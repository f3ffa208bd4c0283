import type { Clock } from "../domain/clock.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service } from "../domain/service.ts";
import type { EventStore } from "../store/event-store.ts";

/**
 * Takes subscriptions that are behind through the events that they have missed, in batches so small that other work goes on
 * between them. Its start takes up what an earlier process left; its stop ends it after the current batch.
 */
export interface CatchUp extends Service {
  /** Some subscription may be behind. */
  wake(): void;
  /** Goes on until none is. Rejects only once it is stopped. */
  runOnce(): Promise<void>;
}

/** Creates the catch-up of a store's subscriptions. */
export function createCatchUp(store: Pick<EventStore, "catchUp">, clock: Clock, retries: Retries): CatchUp {
  let isDue = false;
  let running: Promise<void> | null = null;
  let stopped = false;

  async function run(): Promise<void> {
    try {
      while (isDue && !stopped) {
        isDue = false;
        const { isBehind } = await retries.untilDone("catching up", () => store.catchUp(clock.now()));
        isDue ||= isBehind;
      }
    } finally {
      // At once: a wake after the last check of the loop begins a new run, and is not lost on this one.
      running = null;
    }
  }

  function runOnce(): Promise<void> {
    isDue = true;
    running ??= Promise.resolve().then(run);
    return running;
  }

  function wake(): void {
    if (stopped) return;
    // Only the end of the server ends it.
    runOnce().catch(() => undefined);
  }

  const service = createService({
    start: wake,
    async stop() {
      stopped = true;
      await running?.catch(() => undefined);
    },
  });

  return { ...service, wake, runOnce };
}
