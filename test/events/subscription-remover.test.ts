import { expect, it } from "vitest";
import { createSubscriptionRemover } from "../../src/events/subscription-remover.ts";
import type { EndBatch } from "../../src/store/event-store.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createTestRetries } from "../harness/retries.ts";
import { stubStore } from "./stub-store.ts";

/** A store that answers these steps, one after the other, and says of which subscriptions it was asked. */
function scripted(steps: readonly EndBatch[], ending: readonly number[] = []) {
  const asked: number[] = [];
  const store = stubStore({
    endingSubscriptions: async () => [...ending],
    async endDeliveries(subscription) {
      const step = steps[asked.length];
      asked.push(subscription);
      if (step === undefined) throw new Error("no step is left");
      return step;
    },
  });
  return { store, asked };
}

it("goes on to the last delivery, and answers the sums", async () => {
  const { store } = scripted([
    { cancelled: 500, running: 1, isDone: false },
    { cancelled: 3, running: 2, isDone: true },
  ]);
  const clock = createFakeClock();
  const remover = createSubscriptionRemover(store, clock, createTestRetries(clock));
  expect(await remover.finish(7)).toEqual({ cancelled: 503, running: 3 });
});

it("takes up at start what an earlier process left", async () => {
  const done = { cancelled: 0, running: 0, isDone: true };
  const { store, asked } = scripted([done, done], [3, 5]);
  const clock = createFakeClock();
  await createSubscriptionRemover(store, clock, createTestRetries(clock)).start();
  expect(asked).toEqual([3, 5]);
});

it("reports at start what cannot be done, and starts all the same", async () => {
  const { store } = scripted([], [3]);
  const reported = Promise.withResolvers<unknown>();
  const clock = createFakeClock();
  await createSubscriptionRemover(store, clock, createTestRetries(clock, reported.resolve)).start();
  expect(await reported.promise).toMatchObject({ message: "no step is left" });
});

it("says so when the server stops before it is through", async () => {
  const { store } = scripted([{ cancelled: 500, running: 0, isDone: false }]);
  const clock = createFakeClock();
  const remover = createSubscriptionRemover(store, clock, createTestRetries(clock));
  const ending = remover.finish(7);
  const stopped = remover.stop();
  await expect(ending).rejects.toMatchObject({ reason: "DRAINING", kind: "unavailable" });
  await stopped;
});
