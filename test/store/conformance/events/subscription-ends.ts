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
    test("delivers nothing more, cancels what waits and lets go on what runs", async (lab) => {
      await subscribe(lab, { maxAttempts: 5 });
      await publish(lab, ["a", "b", "c"]);
      const running = await lab.claimOne({ queue: "mail" });
      await lab.settle(await lab.claimOne({ queue: "mail" }), failed({ retryDelayMs: 60_000 }));
      expect(await endSubscription(lab, "mail")).toMatchObject({ cancelled: 2, running: 1 });
      expect(await subscriptionNames(lab)).toEqual([]);
      expect(await lab.store.publish([], lab.now)).toEqual([]);
      await publish(lab, ["d"]);
      expect((await readEvent(lab, "d")).deliveredTo).toBe(0);
      expect(await lab.settle(running, completed())).toMatchObject({ status: "settled" });
      const states = await Promise.all(["a", "b", "c"].map(async (id) => (await readEvent(lab, id)).deliveries));
      expect(states.flat().map(({ subscription, task }) => [subscription, task.state])).toEqual([
        ["mail", "completed"],
        ["mail", "cancelled"],
        ["mail", "cancelled"],
      ]);
      expect(await lab.claim(1, { queue: "mail" })).toMatchObject({ short: "empty" });
    });

    test("tries nothing again that ran when it ended, however its attempt ends", async (lab) => {
      await subscribe(lab, { maxAttempts: 5 });
      await publish(lab, ["a", "b", "c", "d"]);
      const running = await claimAll(lab);
      expect(running).toHaveLength(4);
      await endSubscription(lab, "mail");
      const ways = [failed(), failed({ retryDelayMs: 60_000 }), released(), leaseLost];
      for (const [index, way] of ways.entries()) {
        expect(await lab.settle(present(running[index]), way)).toMatchObject({ status: "settled", state: "cancelled" });
      }
      for (const id of ["a", "b", "c", "d"]) {
        const [delivery] = (await readEvent(lab, id)).deliveries;
        expect(delivery?.task).toMatchObject({ state: "cancelled", error: serverErrors.subscriptionEnded });
      }
      // Somebody who puts one back by hand means it.
      await lab.store.retry([present(running[0]).id], lab.now);
      expect(await claimAll(lab)).toHaveLength(1);
    });

    test("frees the name for another one, whose deliveries are its own", async (lab) => {
      await subscribe(lab, { orderingKey: "subject" });
      await publish(lab, ["a", "b"], { subject: "s" });
      const running = await lab.claimOne({ queue: "mail" });
      const ended = await lab.store.endSubscription("mail");
      await subscribe(lab, { orderingKey: "subject", maxAttempts: 9 });
      await publish(lab, ["c"], { subject: "s" });
      expect(eventIds(await claimAll(lab))).toEqual(["c"]);
      await lab.store.endDeliveries(ended ?? 0, lab.now);
      await lab.settle(running, completed());
      expect(await claimAll(lab)).toEqual([]);
      expect(await subscriptionNames(lab)).toEqual(["mail"]);
    });

    test("goes in steps, cancels all of a key, and is taken up after a restart", async (lab) => {
      await subscribe(lab, { orderingKey: "subject" });
      const ids = Array.from({ length: 1_500 }, (_, n) => `e-${n}`);
      await publish(lab, ids, { subject: "s" });
      await lab.enqueueAll(Array.from({ length: 10 }, () => ({ queue: "mail" })));
      const ended = await lab.store.endSubscription("mail");
      await lab.store.endDeliveries(ended ?? 0, lab.now);
      await lab.reopen();
      const [again] = await lab.store.endingSubscriptions();
      expect(again).toBe(ended);
      for (;;) if ((await lab.store.endDeliveries(ended ?? 0, lab.now)).isDone) break;
      expect(await lab.store.endingSubscriptions()).toEqual([]);
      expect((await lab.store.getQueue("mail"))?.counts).toMatchObject({ cancelled: 1_500, pending: 10, blocked: 0 });
      expect(await lab.store.endDeliveries(ended ?? 0, lab.now)).toEqual({ cancelled: 0, running: 0, isDone: true });
    });
  });

  describe("sweepEvents", () => {
    test("deletes what was stored before a time, and remembers that something is missing", async (lab) => {
      const [a, b] = await publish(lab, ["a", "b"]);
      const early = await placeOf(lab.store, { kind: "time", ms: lab.now });
      lab.tick(dayMs);
      await publish(lab, ["c"]);
      expect(await sweepEventsRound(lab.store, lab.now)).toBe(2);
      expect(await lab.store.getEvent("a", null, 1)).toBeNull();
      await lab.reopen();
      const from = (position: string) => lab.store.findStart({ kind: "position", position });
      expect(await from(a?.position ?? "")).toMatchObject({ status: "expired", earliest: expect.any(String) });
      expect(await from(early)).toMatchObject({ status: "expired" });
      expect(await lab.store.findStart({ kind: "time", ms: lab.now - dayMs })).toMatchObject({ status: "expired" });
      expect(await from(b?.position ?? "")).toMatchObject({ status: "found" });
      const expired = await from(a?.position ?? "");
      const { earliest } = expired.status === "expired" ? expired : { earliest: "" };
      for (const place of [earliest, await placeOf(lab.store, { kind: "earliest" })]) {
        expect(await from(place)).toMatchObject({ status: "found" });
        expect((await readAllEvents(lab.store, place)).events.map(({ id }) => id)).toEqual(["c"]);
      }
      const start = { kind: "position", position: a?.position ?? "" } as const;
      expect(await lab.store.createSubscription(newSubscription(), start, lab.now)).toMatchObject({
        status: "expired",
      });
      await subscribe(lab);
      expect(await lab.store.replay("mail", start, lab.now)).toMatchObject({ status: "expired" });
      expect(await lab.store.listSubscriptions(null, 9)).toMatchObject([{ state: "live" }]);
    });

    test("keeps what a delivery refers to until that is gone, and shows nobody a history with gaps", async (lab) => {
      await publish(lab, ["a"]);
      await subscribe(lab, { filter: { ...everyEvent, types: ["kept"] } });
      await publish(lab, ["b"], { type: "kept" });
      await publish(lab, ["c"]);
      const task = await lab.claimOne({ queue: "mail" });
      lab.tick(dayMs);
      expect(await sweepEventsRound(lab.store, lab.now)).toBe(2);
      expect((await readEvent(lab, "b")).deliveries).toHaveLength(1);
      expect((await lab.task(task.id)).event?.id).toBe("b");
      const earliest = await placeOf(lab.store, { kind: "earliest" });
      expect(await lab.store.findStart({ kind: "position", position: earliest })).toMatchObject({ status: "found" });
      expect((await readAllEvents(lab.store, earliest)).events).toEqual([]);

      await lab.settle(task, completed());
      await sweepRound(lab.store, lab.tick(60 * dayMs));
      expect(await sweepEventsRound(lab.store, lab.now)).toBe(1);
      expect(await lab.store.getEvent("b", null, 1)).toBeNull();
    });

    test("keeps what a subscription has still to catch up with", async (lab) => {
      await publish(lab, ["a", "b"]);
      await subscribe(lab, { filter: { ...everyEvent, types: ["never"] } }, { kind: "earliest" });
      lab.tick(dayMs);
      expect(await sweepEventsRound(lab.store, lab.now)).toBe(0);
      await catchUp(lab.store, lab.now);
      expect(await sweepEventsRound(lab.store, lab.now)).toBe(2);
    });

    test("goes in steps, and gives no position twice", async (lab) => {
      const ids = Array.from({ length: 1_300 }, (_, n) => `e-${n}`);
      const last = (await publish(lab, ids)).at(-1)?.position ?? "~";
      const step = await lab.store.sweepEvents(null, lab.now + 1);
      expect(step.deleted).toBeLessThan(1_300);
      expect(await sweepEventsRound(lab.store, lab.now + 1)).toBe(1_300 - step.deleted);
      await lab.reopen();
      const [next] = await publish(lab, ["next"]);
      expect((next?.position ?? "") > last).toBe(true);
    });
  });
}
