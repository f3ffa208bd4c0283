import { describe, expect } from "vitest";
import { serverErrors } from "../../../../src/domain/tasks/task.ts";
import { everyEvent, newSubscription } from "../../../harness/calls/builders.ts";
import { present } from "../../../harness/calls/tasks.ts";
import {
  catchUp,
  claimAll,
  endSubscription,
  eventIds,
  placeOf,
  publish,
  readAllEvents,
  readEvent,
  subscribe,
  subscriptionNames,
  sweepEventsRound,
} from "../../events.ts";
import { completed, failed, leaseLost, released } from "../../outcomes.ts";
import { sweepRound } from "../../read-all.ts";
import type { StoreTest } from "../../store-harness.ts";

const dayMs = 86_400_000;

/** The end of subscriptions, and the retention of events. */
export function describeSubscriptionEnds(test: StoreTest): void {
  describe("endSubscription", () => {
    test("delivers nothing more, cancels what waits and lets go on what runs", async (harness) => {
      await subscribe(harness, { maxAttempts: 5 });
      await publish(harness, ["a", "b", "c"]);
      const running = await harness.claimOne({ queue: "mail" });
      await harness.settle(await harness.claimOne({ queue: "mail" }), failed({ retryDelayMs: 60_000 }));
      expect(await endSubscription(harness, "mail")).toMatchObject({ cancelled: 2, running: 1 });
      expect(await subscriptionNames(harness)).toEqual([]);
      expect(await harness.store.publish([], harness.now)).toEqual([]);
      await publish(harness, ["d"]);
      expect((await readEvent(harness, "d")).deliveredTo).toBe(0);
      expect(await harness.settle(running, completed())).toMatchObject({ status: "settled" });
      const states = await Promise.all(["a", "b", "c"].map(async (id) => (await readEvent(harness, id)).deliveries));
      expect(states.flat().map(({ subscription, task }) => [subscription, task.state])).toEqual([
        ["mail", "completed"],
        ["mail", "cancelled"],
        ["mail", "cancelled"],
      ]);
      expect(await harness.claim(1, { queue: "mail" })).toMatchObject({ short: "empty" });
    });

    test("tries nothing again that ran when it ended, however its attempt ends", async (harness) => {
      await subscribe(harness, { maxAttempts: 5 });
      await publish(harness, ["a", "b", "c", "d"]);
      const running = await claimAll(harness);
      expect(running).toHaveLength(4);
      await endSubscription(harness, "mail");
      const ways = [failed(), failed({ retryDelayMs: 60_000 }), released(), leaseLost];
      for (const [index, way] of ways.entries()) {
        expect(await harness.settle(present(running[index]), way)).toMatchObject({
          status: "settled",
          state: "cancelled",
        });
      }
      for (const id of ["a", "b", "c", "d"]) {
        const [delivery] = (await readEvent(harness, id)).deliveries;
        expect(delivery?.task).toMatchObject({ state: "cancelled", error: serverErrors.subscriptionEnded });
      }
      // Somebody who puts one back by hand means it.
      await harness.store.retry([present(running[0]).id], harness.now);
      expect(await claimAll(harness)).toHaveLength(1);
    });

    test("frees the name for another one, whose deliveries are its own", async (harness) => {
      await subscribe(harness, { orderingKey: "subject" });
      await publish(harness, ["a", "b"], { subject: "s" });
      const running = await harness.claimOne({ queue: "mail" });
      const ended = await harness.store.endSubscription("mail");
      await subscribe(harness, { orderingKey: "subject", maxAttempts: 9 });
      await publish(harness, ["c"], { subject: "s" });
      expect(eventIds(await claimAll(harness))).toEqual(["c"]);
      await harness.store.endDeliveries(ended ?? 0, harness.now);
      await harness.settle(running, completed());
      expect(await claimAll(harness)).toEqual([]);
      expect(await subscriptionNames(harness)).toEqual(["mail"]);
    });

    test("goes in steps, cancels all of a key, and is taken up after a restart", async (harness) => {
      await subscribe(harness, { orderingKey: "subject" });
      const ids = Array.from({ length: 1_500 }, (_, n) => `e-${n}`);
      await publish(harness, ids, { subject: "s" });
      await harness.enqueueAll(Array.from({ length: 10 }, () => ({ queue: "mail" })));
      const ended = await harness.store.endSubscription("mail");
      await harness.store.endDeliveries(ended ?? 0, harness.now);
      await harness.reopen();
      const [again] = await harness.store.endingSubscriptions();
      expect(again).toBe(ended);
      for (;;) if ((await harness.store.endDeliveries(ended ?? 0, harness.now)).isDone) break;
      expect(await harness.store.endingSubscriptions()).toEqual([]);
      expect((await harness.store.getQueue("mail"))?.counts).toMatchObject({
        cancelled: 1_500,
        pending: 10,
        blocked: 0,
      });
      expect(await harness.store.endDeliveries(ended ?? 0, harness.now)).toEqual({
        cancelled: 0,
        running: 0,
        isDone: true,
      });
    });
  });

  describe("sweepEvents", () => {
    test("deletes what was stored before a time, and remembers that something is missing", async (harness) => {
      const [a, b] = await publish(harness, ["a", "b"]);
      const early = await placeOf(harness.store, { kind: "time", ms: harness.now });
      harness.tick(dayMs);
      await publish(harness, ["c"]);
      expect(await sweepEventsRound(harness.store, harness.now)).toBe(2);
      expect(await harness.store.getEvent("a", null, 1)).toBeNull();
      await harness.reopen();
      const from = (position: string) => harness.store.findStart({ kind: "position", position });
      expect(await from(a?.position ?? "")).toMatchObject({ status: "expired", earliest: expect.any(String) });
      expect(await from(early)).toMatchObject({ status: "expired" });
      expect(await harness.store.findStart({ kind: "time", ms: harness.now - dayMs })).toMatchObject({
        status: "expired",
      });
      expect(await from(b?.position ?? "")).toMatchObject({ status: "found" });
      const expired = await from(a?.position ?? "");
      const { earliest } = expired.status === "expired" ? expired : { earliest: "" };
      for (const place of [earliest, await placeOf(harness.store, { kind: "earliest" })]) {
        expect(await from(place)).toMatchObject({ status: "found" });
        expect((await readAllEvents(harness.store, place)).events.map(({ id }) => id)).toEqual(["c"]);
      }
      const start = { kind: "position", position: a?.position ?? "" } as const;
      expect(await harness.store.createSubscription(newSubscription(), start, harness.now)).toMatchObject({
        status: "expired",
      });
      await subscribe(harness);
      expect(await harness.store.replay("mail", start, harness.now)).toMatchObject({ status: "expired" });
      expect(await harness.store.listSubscriptions(null, 9)).toMatchObject([{ state: "live" }]);
    });

    test("keeps what a delivery refers to until that is gone, and shows nobody a history with gaps", async (harness) => {
      await publish(harness, ["a"]);
      await subscribe(harness, { filter: { ...everyEvent, types: ["kept"] } });
      await publish(harness, ["b"], { type: "kept" });
      await publish(harness, ["c"]);
      const task = await harness.claimOne({ queue: "mail" });
      harness.tick(dayMs);
      expect(await sweepEventsRound(harness.store, harness.now)).toBe(2);
      expect((await readEvent(harness, "b")).deliveries).toHaveLength(1);
      expect((await harness.task(task.id)).event?.id).toBe("b");
      const earliest = await placeOf(harness.store, { kind: "earliest" });
      expect(await harness.store.findStart({ kind: "position", position: earliest })).toMatchObject({
        status: "found",
      });
      expect((await readAllEvents(harness.store, earliest)).events).toEqual([]);

      await harness.settle(task, completed());
      await sweepRound(harness.store, harness.tick(60 * dayMs));
      expect(await sweepEventsRound(harness.store, harness.now)).toBe(1);
      expect(await harness.store.getEvent("b", null, 1)).toBeNull();
    });

    test("keeps what a subscription has still to catch up with", async (harness) => {
      await publish(harness, ["a", "b"]);
      await subscribe(harness, { filter: { ...everyEvent, types: ["never"] } }, { kind: "earliest" });
      harness.tick(dayMs);
      expect(await sweepEventsRound(harness.store, harness.now)).toBe(0);
      await catchUp(harness.store, harness.now);
      expect(await sweepEventsRound(harness.store, harness.now)).toBe(2);
    });

    test("goes in steps, and gives no position twice", async (harness) => {
      const ids = Array.from({ length: 1_300 }, (_, n) => `e-${n}`);
      const last = (await publish(harness, ids)).at(-1)?.position ?? "~";
      const step = await harness.store.sweepEvents(null, harness.now + 1);
      expect(step.deleted).toBeLessThan(1_300);
      expect(await sweepEventsRound(harness.store, harness.now + 1)).toBe(1_300 - step.deleted);
      await harness.reopen();
      const [next] = await publish(harness, ["next"]);
      expect((next?.position ?? "") > last).toBe(true);
    });
  });
}
