import fc from "fast-check";
import { describe, expect } from "vitest";
import type { SubscriptionChanges } from "../../../../src/domain/events/event.ts";
import { everyEvent } from "../../../harness/calls/builders.ts";
import { catchUp, claimAll, eventIds, publish, subscribe, sweepEventsRound } from "../../events.ts";
import { completed, failed, leaseOf } from "../../outcomes.ts";
import { expectSound } from "../../soundness.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

const filterOf = (type: string) => ({ ...everyEvent, types: [type] });

async function update(harness: StoreHarness, changes: SubscriptionChanges, name = "mail") {
  const answer = await harness.store.updateSubscription(name, changes);
  if (answer.status !== "updated") throw new Error(answer.status);
  return answer.subscription;
}

/** Subscriptions that are changed in place, paused, and looked at. */
export function describeSubscriptionUpdates(test: StoreTest): void {
  describe("updateSubscription", () => {
    test("changes what is said, and keeps it over a restart", async (harness) => {
      await subscribe(harness, { orderingKey: "subject", maxAttempts: 2 });
      const changed = await update(harness, { filter: filterOf("b"), retryPolicy: { jitter: 0 }, attemptTimeoutMs: 7 });
      expect(changed).toMatchObject({ maxAttempts: 2, attemptTimeoutMs: 7, orderingKey: "subject", state: "live" });
      await harness.reopen();
      expect(await harness.store.getSubscription("mail")).toEqual(changed);
      expect(await harness.store.updateSubscription("nobody", {})).toEqual({ status: "not_found" });
      expect(await harness.store.getSubscription("nobody")).toBeNull();
    });

    test("leaves deliveries that wait, and matches by the new filter from then on", async (harness) => {
      await subscribe(harness, { filter: filterOf("a"), maxAttempts: 2 });
      await publish(harness, ["a1"], { type: "a" });
      await publish(harness, ["b1"], { type: "b" });
      await update(harness, { filter: filterOf("b"), maxAttempts: 9 });
      await publish(harness, ["a2"], { type: "a" });
      await publish(harness, ["b2"], { type: "b" });
      const tasks = await claimAll(harness);
      expect(eventIds(tasks)).toEqual(["a1", "b2"]);
      expect(tasks.map(({ maxAttempts }) => maxAttempts)).toEqual([2, 9]);
    });

    test("matches what it has still to take in by the filter of its time", async (harness) => {
      const [first] = await publish(harness, ["first"], { type: "x" });
      await publish(harness, ["a1"], { type: "a" });
      const start = { kind: "position", position: first?.position ?? "" } as const;
      await subscribe(harness, { filter: filterOf("a") }, start);
      await update(harness, { filter: filterOf("b") });
      await publish(harness, ["a2", "a3"], { type: "a" });
      await publish(harness, ["b2"], { type: "b" });
      await update(harness, { filter: filterOf("a") });
      await publish(harness, ["b3"], { type: "b" });
      await publish(harness, ["a4"], { type: "a" });
      await harness.reopen();
      await catchUp(harness.store, harness.now);
      expect(eventIds(await claimAll(harness))).toEqual(["a1", "b2", "a4"]);
    });

    test("keeps so many filters and no more", async (harness) => {
      await subscribe(harness);
      await update(harness, { paused: true });
      for (let n = 0; n < 100; n++) {
        await publish(harness, [`e${n}`]);
        await update(harness, { filter: filterOf(`t${n}`) });
      }
      // Without an event between them the last one takes its place.
      await update(harness, { filter: filterOf("other") });
      await publish(harness, ["last"]);
      expect(await harness.store.updateSubscription("mail", { filter: everyEvent })).toEqual({
        status: "too_many_filters",
      });
      await update(harness, { paused: false });
      await catchUp(harness.store, harness.now);
      await update(harness, { filter: everyEvent });
    });
  });

  describe("a paused subscription", () => {
    test("takes in nothing, keeps the events, and loses none of them", async (harness) => {
      await subscribe(harness);
      await publish(harness, ["a"]);
      expect(await update(harness, { paused: true })).toMatchObject({ state: "paused", waiting: 1 });
      await publish(harness, ["b", "c"]);
      await harness.reopen();
      expect(await harness.store.catchUp(harness.now)).toEqual({ isBehind: false });
      expect(eventIds(await claimAll(harness))).toEqual(["a"]);
      expect(await sweepEventsRound(harness.store, harness.tick(1_000_000))).toBe(0);
      expect(await update(harness, { paused: false })).toMatchObject({ state: "catching_up" });
      await catchUp(harness.store, harness.now);
      await publish(harness, ["d"]);
      expect(eventIds(await claimAll(harness))).toEqual(["b", "c", "d"]);
    });

    test("is live at once where nothing was published meanwhile", async (harness) => {
      await subscribe(harness);
      await update(harness, { paused: true });
      expect(await update(harness, { paused: true })).toMatchObject({ state: "paused" });
      expect(await update(harness, { paused: false })).toMatchObject({ state: "live" });
    });
  });

  test("delivers each event once by the filter of its time, however changes, pauses, steps and restarts fall together", async (harness) => {
    let round = 0;
    const step = fc.constantFrom("publish", "publish many", "filter", "pause", "resume", "step", "reopen");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const name = `r${round++}`;
        let filter = `${name}.a`;
        let count = 0;
        const expected: string[] = [];
        await subscribe(harness, { name, queue: name, filter: filterOf(filter) });
        const publishSome = async (n: number) => {
          for (const type of [`${name}.a`, `${name}.b`]) {
            const ids = Array.from({ length: n }, () => `${name}-${count++}`);
            await publish(harness, ids, { type });
            if (type === filter) expected.push(...ids);
          }
        };
        for (const each of steps) {
          if (each === "publish") await publishSome(1);
          if (each === "publish many") await publishSome(300);
          if (each === "step") await harness.store.catchUp(harness.now);
          if (each === "reopen") await harness.reopen();
          if (each === "pause" || each === "resume") await update(harness, { paused: each === "pause" }, name);
          if (each === "filter") {
            filter = filter.endsWith(".a") ? `${name}.b` : `${name}.a`;
            await update(harness, { filter: filterOf(filter) }, name);
          }
        }
        await update(harness, { paused: false }, name);
        await catchUp(harness.store, harness.now);
        expect(eventIds(await claimAll(harness, name))).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  describe("a subscription", () => {
    test("shows how much waits, runs and has failed, and since when", async (harness) => {
      await subscribe(harness);
      await subscribe(harness, { name: "other", queue: "mail" });
      const since = harness.tick(10);
      await publish(harness, ["a", "b", "c"]);
      harness.tick(1_000);
      const [first] = await claimAll(harness).then((tasks) => tasks.filter(({ origin }) => isOf(origin, "mail")));
      if (first === undefined) throw new Error("There is one.");
      await harness.settle(first, failed({ terminal: true }));
      await publish(harness, ["d"]);
      await harness.reopen();
      expect(await harness.store.getSubscription("mail")).toMatchObject({
        waiting: 1,
        running: 2,
        failed: 1,
        oldestWaitingMs: harness.now,
      });
      await update(harness, { paused: true }, "other");
      harness.tick(1_000);
      await publish(harness, ["e"]);
      expect(await harness.store.getSubscription("other")).toMatchObject({ waiting: 1, running: 3, failed: 0 });
      for (const task of await claimAll(harness)) await harness.settle(task, completed());
      expect(await harness.store.getSubscription("other")).toMatchObject({
        waiting: 0,
        running: 3,
        oldestWaitingMs: harness.now,
      });
      expect(since).toBeLessThan(harness.now);
      await expectSound(harness.store);
    });

    test("counts what one call completes, and finds the oldest that was put aside", async (harness) => {
      await subscribe(harness);
      await publish(harness, ["a", "b", "c"]);
      const tasks = await claimAll(harness);
      await harness.store.settle(
        tasks.map((task) => ({ ...leaseOf(task), outcome: completed() })),
        harness.now,
      );
      expect(await harness.store.getSubscription("mail")).toMatchObject({
        waiting: 0,
        running: 0,
        oldestWaitingMs: null,
      });
      const since = harness.tick(1_000);
      await publish(harness, ["d"]);
      harness.tick(1_000);
      const slots = [{ workerId: "w", n: 1 }];
      await harness.store.claim({ queue: "mail", slots, leaseUntilMs: null, types: ["other"] }, harness.now);
      expect(await harness.store.getSubscription("mail")).toMatchObject({ waiting: 1, oldestWaitingMs: since });
    });
  });
}

function isOf(origin: unknown, subscription: string): boolean {
  return (
    typeof origin === "object" && origin !== null && "subscription" in origin && origin.subscription === subscription
  );
}
