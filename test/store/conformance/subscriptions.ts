import fc from "fast-check";
import { describe, expect } from "vitest";
import { serverErrors } from "../../../src/domain/task.ts";
import { everyEvent, newSubscription } from "../../support/builders.ts";
import { present } from "../../support/tasks.ts";
import {
  catchUp,
  claimAll,
  eventIds,
  placeOf,
  publish,
  readAllEvents,
  readEvent,
  subscribe,
  sweepEventsRound,
} from "../events.ts";
import type { Lab, StoreTest } from "../lab.ts";
import { completed, failed, leaseLost, released } from "../outcomes.ts";
import { sweepRound } from "../read-all.ts";

const dayMs = 86_400_000;

async function names(lab: Lab): Promise<string[]> {
  return (await lab.store.listSubscriptions(null, 100)).map(({ name }) => name);
}

/** Ends a subscription to the last delivery; answers the sums. */
async function end(lab: Lab, name: string) {
  const subscription = await lab.store.endSubscription(name);
  if (subscription === null) throw new Error(`no subscription ${name}`);
  const sum = { cancelled: 0, running: 0, steps: 0 };
  for (;;) {
    const step = await lab.store.endDeliveries(subscription, lab.now);
    sum.cancelled += step.cancelled;
    sum.running += step.running;
    sum.steps++;
    if (step.isDone) return sum;
  }
}

/** Subscriptions, and the retention of events. */
export function describeSubscriptions(test: StoreTest): void {
  describe("createSubscription", () => {
    test("makes one, and answers the same again", async (lab) => {
      const wish = newSubscription({
        ...{ orderingKey: "subject", maxAttempts: 3, retryPolicy: { jitter: 0, multiplier: 3 }, attemptTimeoutMs: 5 },
        filter: { ...everyEvent, types: ["a"], attributes: { x: "1", y: "2" } },
      });
      const first = await lab.store.createSubscription(wish, { kind: "now" }, lab.now);
      expect(first).toEqual({
        status: "created",
        subscription: { ...wish, state: "live", position: null, createMs: lab.now },
      });
      await lab.reopen();
      const said = { ...wish, filter: { ...wish.filter, attributes: { y: "2", x: "1" } } };
      const again = await lab.store.createSubscription(said, { kind: "earliest" }, lab.tick(1));
      expect(again).toMatchObject({ status: "existing", subscription: { createMs: lab.now - 1, state: "live" } });
      for (const change of [{ queue: "x" }, { orderingKey: null }, { maxAttempts: null }, { filter: everyEvent }]) {
        const other = await lab.store.createSubscription({ ...wish, ...change }, { kind: "now" }, lab.now);
        expect(other).toEqual({ status: "other_content" });
      }
      expect(await names(lab)).toEqual(["mail"]);
    });

    test("lists by name, page by page", async (lab) => {
      for (const name of ["c", "a", "b"]) await subscribe(lab, { name });
      expect((await lab.store.listSubscriptions(null, 2)).map(({ name }) => name)).toEqual(["a", "b"]);
      expect((await lab.store.listSubscriptions("b", 2)).map(({ name }) => name)).toEqual(["c"]);
    });
  });

  describe("catchUp", () => {
    test("delivers what was stored before, and then the subscription is live", async (lab) => {
      const events = await publish(lab, ["a", "b", "c"]);
      await subscribe(lab, { name: "all", queue: "all" }, { kind: "earliest" });
      await subscribe(lab, { name: "some", queue: "some" }, { kind: "position", position: events[0]?.position ?? "" });
      expect(await lab.store.listSubscriptions(null, 9)).toMatchObject([
        { name: "all", state: "catching_up", position: expect.any(String) },
        { name: "some", state: "catching_up", position: events[0]?.position },
      ]);
      await lab.reopen();
      await catchUp(lab.store, lab.now);
      expect(eventIds(await claimAll(lab, "all"))).toEqual(["a", "b", "c"]);
      expect(eventIds(await claimAll(lab, "some"))).toEqual(["b", "c"]);
      expect(await lab.store.listSubscriptions(null, 9)).toMatchObject([
        { state: "live", position: null },
        { state: "live", position: null },
      ]);
      // Nobody was told when they were stored.
      expect((await readEvent(lab, "a")).deliveredTo).toBe(0);
      expect(await lab.store.catchUp(lab.now)).toEqual({ isBehind: false });
    });

    test("is live at once where there is nothing to catch up with", async (lab) => {
      await subscribe(lab, {}, { kind: "earliest" });
      expect(await lab.store.listSubscriptions(null, 9)).toMatchObject([{ state: "live" }]);
    });

    test("goes in steps, and tells of the queues that have something to do", async (lab) => {
      const ids = Array.from({ length: 2_000 }, (_, n) => `e-${n}`);
      await publish(lab, ids);
      await subscribe(lab, {}, { kind: "earliest" });
      const ready: string[] = [];
      lab.store.onReady((queue) => ready.push(queue));
      expect(await catchUp(lab.store, lab.now)).toBeGreaterThan(1);
      expect(new Set(ready)).toEqual(new Set(["mail"]));
      expect(eventIds(await claimAll(lab))).toEqual(ids);
    });

    test("delivers each event once and in order, however publishing, steps and restarts fall together", async (lab) => {
      let round = 0;
      const step = fc.constantFrom("publish", "publish many", "subscribe", "step", "replay", "reopen");
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          round++;
          const type = `t${round}`;
          const published: string[] = [];
          const begins: number[] = [];
          let replays = 0;
          const publishSome = async (n: number) => {
            const ids = Array.from({ length: n }, (_, index) => `${type}-${published.length + index}`);
            published.push(...ids);
            await publish(lab, ids, { type });
          };
          const first = (await publish(lab, [`${type}-before`], { type: "other" }))[0]?.position ?? "";
          for (const each of steps) {
            if (each === "publish") await publishSome(1);
            if (each === "publish many") await publishSome(700);
            if (each === "step") await lab.store.catchUp(lab.now);
            if (each === "reopen") await lab.reopen();
            if (each === "subscribe") {
              const name = `${type}-${begins.length}`;
              const fromStart = begins.length % 2 === 0;
              const filter = { ...everyEvent, types: [type] };
              const start = fromStart ? ({ kind: "position", position: first } as const) : ({ kind: "now" } as const);
              await subscribe(lab, { name, queue: name, filter }, start);
              begins.push(fromStart ? 0 : published.length);
            }
            if (each === "replay" && begins.length > 0 && replays === 0) {
              await catchUp(lab.store, lab.now);
              replays = published.length;
              await lab.store.replay(`${type}-0`, { kind: "position", position: first }, lab.now);
            }
          }
          await catchUp(lab.store, lab.now);
          for (const [index, begin] of begins.entries()) {
            const told = eventIds(await claimAll(lab, `${type}-${index}`));
            // A replay delivers what came before it once more, and all that comes after it once.
            const again = index === 0 && replays > 0 ? published.slice(0, replays) : [];
            expect(told).toEqual([...again, ...published.slice(again.length === 0 ? begin : 0)]);
            await end(lab, `${type}-${index}`);
          }
        }),
        { numRuns: 15 },
      );
    });
  });

  describe("replay", () => {
    test("delivers again from a place on, and leaves what was delivered", async (lab) => {
      await subscribe(lab);
      const [a] = await publish(lab, ["a", "b"]);
      for (const task of await claimAll(lab)) await lab.settle(task, completed());
      const answer = await lab.store.replay("mail", { kind: "position", position: a?.position ?? "" }, lab.now);
      expect(answer).toMatchObject({
        status: "replaying",
        subscription: { state: "catching_up", position: a?.position },
      });
      await publish(lab, ["c"]);
      await catchUp(lab.store, lab.now);
      expect(eventIds(await claimAll(lab))).toEqual(["b", "c"]);
      expect((await readEvent(lab, "b")).deliveries.map(({ task }) => task.state)).toEqual(["completed", "running"]);
    });

    test("of one that is behind leaves out nothing that it had not taken in", async (lab) => {
      const [, b] = await publish(lab, ["a", "b", "c"]);
      await subscribe(lab, {}, { kind: "earliest" });
      await lab.store.replay("mail", { kind: "position", position: b?.position ?? "" }, lab.now);
      await catchUp(lab.store, lab.now);
      expect(eventIds(await claimAll(lab))).toEqual(["a", "b", "c"]);
    });
  });

  describe("endSubscription", () => {
    test("delivers nothing more, cancels what waits and lets go on what runs", async (lab) => {
      await subscribe(lab, { maxAttempts: 5 });
      await publish(lab, ["a", "b", "c"]);
      const running = await lab.claimOne({ queue: "mail" });
      await lab.settle(await lab.claimOne({ queue: "mail" }), failed({ retryDelayMs: 60_000 }));
      expect(await end(lab, "mail")).toMatchObject({ cancelled: 2, running: 1 });
      expect(await names(lab)).toEqual([]);
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
      await end(lab, "mail");
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
      expect(await names(lab)).toEqual(["mail"]);
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
