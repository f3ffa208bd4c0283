import fc from "fast-check";
import { describe, expect } from "vitest";
import { everyEvent, newSubscription } from "../../../harness/calls/builders.ts";
import {
  catchUp,
  claimAll,
  endSubscription,
  eventIds,
  publish,
  readEvent,
  subscribe,
  subscriptionNames,
} from "../../events.ts";
import { completed } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

/** Subscriptions: making them, catching up, replay. */
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
        subscription: {
          ...wish,
          ...{ state: "live", position: expect.any(String), createMs: lab.now },
          ...{ waiting: 0, running: 0, failed: 0, oldestWaitingMs: null },
        },
      });
      await lab.reopen();
      const said = { ...wish, filter: { ...wish.filter, attributes: { y: "2", x: "1" } } };
      const again = await lab.store.createSubscription(said, { kind: "earliest" }, lab.tick(1));
      expect(again).toMatchObject({ status: "existing", subscription: { createMs: lab.now - 1, state: "live" } });
      for (const [differs, change] of [
        ["queue", { queue: "x" }],
        ["orderingKey", { orderingKey: null }],
        ["maxAttempts", { maxAttempts: null }],
        ["filter", { filter: everyEvent }],
      ] as const) {
        const other = await lab.store.createSubscription({ ...wish, ...change }, { kind: "now" }, lab.now);
        expect(other).toEqual({ status: "other_content", differs });
      }
      expect(await subscriptionNames(lab)).toEqual(["mail"]);
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
        { state: "live", waiting: 0 },
        { state: "live", waiting: 0 },
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
            await endSubscription(lab, `${type}-${index}`);
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
}
