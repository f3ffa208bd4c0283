import fc from "fast-check";
import { describe, expect } from "vitest";
import type { SubscriptionChanges } from "../../../../src/domain/events/event.ts";
import { everyEvent } from "../../../harness/calls/builders.ts";
import { catchUp, claimAll, eventIds, publish, subscribe, sweepEventsRound } from "../../events.ts";
import { completed, failed, leaseOf } from "../../outcomes.ts";
import { expectSound } from "../../soundness.ts";
import type { Lab, StoreTest } from "../../store-harness.ts";

const filterOf = (type: string) => ({ ...everyEvent, types: [type] });

async function update(lab: Lab, changes: SubscriptionChanges, name = "mail") {
  const answer = await lab.store.updateSubscription(name, changes);
  if (answer.status !== "updated") throw new Error(answer.status);
  return answer.subscription;
}

/** Subscriptions that are changed in place, paused, and looked at. */
export function describeSubscriptionUpdates(test: StoreTest): void {
  describe("updateSubscription", () => {
    test("changes what is said, and keeps it over a restart", async (lab) => {
      await subscribe(lab, { orderingKey: "subject", maxAttempts: 2 });
      const changed = await update(lab, { filter: filterOf("b"), retryPolicy: { jitter: 0 }, attemptTimeoutMs: 7 });
      expect(changed).toMatchObject({ maxAttempts: 2, attemptTimeoutMs: 7, orderingKey: "subject", state: "live" });
      await lab.reopen();
      expect(await lab.store.getSubscription("mail")).toEqual(changed);
      expect(await lab.store.updateSubscription("nobody", {})).toEqual({ status: "not_found" });
      expect(await lab.store.getSubscription("nobody")).toBeNull();
    });

    test("leaves deliveries that wait, and matches by the new filter from then on", async (lab) => {
      await subscribe(lab, { filter: filterOf("a"), maxAttempts: 2 });
      await publish(lab, ["a1"], { type: "a" });
      await publish(lab, ["b1"], { type: "b" });
      await update(lab, { filter: filterOf("b"), maxAttempts: 9 });
      await publish(lab, ["a2"], { type: "a" });
      await publish(lab, ["b2"], { type: "b" });
      const tasks = await claimAll(lab);
      expect(eventIds(tasks)).toEqual(["a1", "b2"]);
      expect(tasks.map(({ maxAttempts }) => maxAttempts)).toEqual([2, 9]);
    });

    test("matches what it has still to take in by the filter of its time", async (lab) => {
      const [first] = await publish(lab, ["first"], { type: "x" });
      await publish(lab, ["a1"], { type: "a" });
      const start = { kind: "position", position: first?.position ?? "" } as const;
      await subscribe(lab, { filter: filterOf("a") }, start);
      await update(lab, { filter: filterOf("b") });
      await publish(lab, ["a2", "a3"], { type: "a" });
      await publish(lab, ["b2"], { type: "b" });
      await update(lab, { filter: filterOf("a") });
      await publish(lab, ["b3"], { type: "b" });
      await publish(lab, ["a4"], { type: "a" });
      await lab.reopen();
      await catchUp(lab.store, lab.now);
      expect(eventIds(await claimAll(lab))).toEqual(["a1", "b2", "a4"]);
    });

    test("keeps so many filters and no more", async (lab) => {
      await subscribe(lab);
      await update(lab, { paused: true });
      for (let n = 0; n < 100; n++) {
        await publish(lab, [`e${n}`]);
        await update(lab, { filter: filterOf(`t${n}`) });
      }
      // Without an event between them the last one takes its place.
      await update(lab, { filter: filterOf("other") });
      await publish(lab, ["last"]);
      expect(await lab.store.updateSubscription("mail", { filter: everyEvent })).toEqual({
        status: "too_many_filters",
      });
      await update(lab, { paused: false });
      await catchUp(lab.store, lab.now);
      await update(lab, { filter: everyEvent });
    });
  });

  describe("a paused subscription", () => {
    test("takes in nothing, keeps the events, and loses none of them", async (lab) => {
      await subscribe(lab);
      await publish(lab, ["a"]);
      expect(await update(lab, { paused: true })).toMatchObject({ state: "paused", waiting: 1 });
      await publish(lab, ["b", "c"]);
      await lab.reopen();
      expect(await lab.store.catchUp(lab.now)).toEqual({ isBehind: false });
      expect(eventIds(await claimAll(lab))).toEqual(["a"]);
      expect(await sweepEventsRound(lab.store, lab.tick(1_000_000))).toBe(0);
      expect(await update(lab, { paused: false })).toMatchObject({ state: "catching_up" });
      await catchUp(lab.store, lab.now);
      await publish(lab, ["d"]);
      expect(eventIds(await claimAll(lab))).toEqual(["b", "c", "d"]);
    });

    test("is live at once where nothing was published meanwhile", async (lab) => {
      await subscribe(lab);
      await update(lab, { paused: true });
      expect(await update(lab, { paused: true })).toMatchObject({ state: "paused" });
      expect(await update(lab, { paused: false })).toMatchObject({ state: "live" });
    });
  });

  test("delivers each event once by the filter of its time, however changes, pauses, steps and restarts fall together", async (lab) => {
    let round = 0;
    const step = fc.constantFrom("publish", "publish many", "filter", "pause", "resume", "step", "reopen");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        const name = `r${round++}`;
        let filter = `${name}.a`;
        let count = 0;
        const expected: string[] = [];
        await subscribe(lab, { name, queue: name, filter: filterOf(filter) });
        const publishSome = async (n: number) => {
          for (const type of [`${name}.a`, `${name}.b`]) {
            const ids = Array.from({ length: n }, () => `${name}-${count++}`);
            await publish(lab, ids, { type });
            if (type === filter) expected.push(...ids);
          }
        };
        for (const each of steps) {
          if (each === "publish") await publishSome(1);
          if (each === "publish many") await publishSome(300);
          if (each === "step") await lab.store.catchUp(lab.now);
          if (each === "reopen") await lab.reopen();
          if (each === "pause" || each === "resume") await update(lab, { paused: each === "pause" }, name);
          if (each === "filter") {
            filter = filter.endsWith(".a") ? `${name}.b` : `${name}.a`;
            await update(lab, { filter: filterOf(filter) }, name);
          }
        }
        await update(lab, { paused: false }, name);
        await catchUp(lab.store, lab.now);
        expect(eventIds(await claimAll(lab, name))).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  });

  describe("a subscription", () => {
    test("shows how much waits, runs and has failed, and since when", async (lab) => {
      await subscribe(lab);
      await subscribe(lab, { name: "other", queue: "mail" });
      const since = lab.tick(10);
      await publish(lab, ["a", "b", "c"]);
      lab.tick(1_000);
      const [first] = await claimAll(lab).then((tasks) => tasks.filter(({ origin }) => isOf(origin, "mail")));
      if (first === undefined) throw new Error("There is one.");
      await lab.settle(first, failed({ terminal: true }));
      await publish(lab, ["d"]);
      await lab.reopen();
      expect(await lab.store.getSubscription("mail")).toMatchObject({
        ...{ waiting: 1, running: 2, failed: 1, oldestWaitingMs: lab.now },
      });
      await update(lab, { paused: true }, "other");
      lab.tick(1_000);
      await publish(lab, ["e"]);
      expect(await lab.store.getSubscription("other")).toMatchObject({ waiting: 1, running: 3, failed: 0 });
      for (const task of await claimAll(lab)) await lab.settle(task, completed());
      expect(await lab.store.getSubscription("other")).toMatchObject({
        ...{ waiting: 0, running: 3, oldestWaitingMs: lab.now },
      });
      expect(since).toBeLessThan(lab.now);
      await expectSound(lab.store);
    });

    test("counts what one call completes, and finds the oldest that was put aside", async (lab) => {
      await subscribe(lab);
      await publish(lab, ["a", "b", "c"]);
      const tasks = await claimAll(lab);
      await lab.store.settle(
        tasks.map((task) => ({ ...leaseOf(task), outcome: completed() })),
        lab.now,
      );
      expect(await lab.store.getSubscription("mail")).toMatchObject({ waiting: 0, running: 0, oldestWaitingMs: null });
      const since = lab.tick(1_000);
      await publish(lab, ["d"]);
      lab.tick(1_000);
      const slots = [{ workerId: "w", n: 1 }];
      await lab.store.claim({ queue: "mail", slots, leaseUntilMs: null, types: ["other"] }, lab.now);
      expect(await lab.store.getSubscription("mail")).toMatchObject({ waiting: 1, oldestWaitingMs: since });
    });
  });
}

function isOf(origin: unknown, subscription: string): boolean {
  return (
    typeof origin === "object" && origin !== null && "subscription" in origin && origin.subscription === subscription
  );
}
