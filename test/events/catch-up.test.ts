import { expect, it } from "vitest";
import { createCatchUp } from "../../src/events/catch-up.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createTestRetries } from "../harness/retries.ts";
import { stubStore } from "./stub-store.ts";

/** Steps that a test answers one by one. */
function heldCatchUp() {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  const failed = Promise.withResolvers<void>();
  const steps: PromiseWithResolvers<{ isBehind: boolean }>[] = [];
  let onStep: () => void = () => undefined;
  const store = stubStore({
    catchUp() {
      const step = Promise.withResolvers<{ isBehind: boolean }>();
      steps.push(step);
      onStep();
      return step.promise;
    },
  });
  const catchUp = createCatchUp(
    store,
    clock,
    createTestRetries(clock, (error) => {
      errors.push(error);
      failed.resolve();
    }),
  );
  return {
    clock,
    errors,
    catchUp,
    steps,
    failed: failed.promise,
    /** Resolves when the `n`th step has begun. */
    step: (n: number) =>
      new Promise<PromiseWithResolvers<{ isBehind: boolean }>>((resolve) => {
        onStep = () => {
          const step = steps[n - 1];
          if (step !== undefined) resolve(step);
        };
        onStep();
      }),
  };
}

it("takes steps until nobody is behind", async () => {
  const { catchUp, step, steps } = heldCatchUp();
  const done = catchUp.runOnce();
  (await step(1)).resolve({ isBehind: true });
  (await step(2)).resolve({ isBehind: true });
  (await step(3)).resolve({ isBehind: false });
  await done;
  expect(steps).toHaveLength(3);
});

it("begins anew when it is woken during its last step, and runs once at a time", async () => {
  const { catchUp, step, steps } = heldCatchUp();
  catchUp.start();
  const first = await step(1);
  catchUp.wake();
  catchUp.wake();
  expect(steps).toHaveLength(1);
  first.resolve({ isBehind: false });
  (await step(2)).resolve({ isBehind: false });
  catchUp.wake();
  (await step(3)).resolve({ isBehind: false });
});

it("reports a step that fails, and tries again a while later", async () => {
  const { catchUp, step, clock, errors, failed } = heldCatchUp();
  catchUp.start();
  const failure = new Error("the disk is full");
  (await step(1)).reject(failure);
  await failed;
  expect(errors).toEqual([failure]);
  clock.advance(1_000);
  (await step(2)).resolve({ isBehind: false });
});

it("ends after its current step when it is stopped, whatever becomes of that", async () => {
  const { catchUp, step, steps, clock, errors } = heldCatchUp();
  catchUp.start();
  const first = await step(1);
  catchUp.stop();
  catchUp.wake();
  first.resolve({ isBehind: true });
  await first.promise;
  await new Promise((resolve) => setImmediate(resolve));
  expect([steps.length, errors.length, clock.pendingTimers]).toEqual([1, 0, 0]);
});
