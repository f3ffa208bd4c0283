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
    test("makes one, and answers the same again", async (harness) => {
      const wish = newSubscription({
        orderingKey: "subject",
        maxAttempts: 3,
        retryPolicy: { jitter: 0, multiplier: 3 },
        attemptTimeoutMs: 5,
        filter: { ...everyEvent, types: ["a"], attributes: { x: "1", y: "2" } },
      });
      const first = await harness.store.createSubscription(wish, { kind: "now" }, harness.now);
      expect(first).toEqual({
        status: "created",
        subscription: {
          ...wish,
          state: "live",
          position: expect.any(String),
          createMs: harness.now,
          waiting: 0,
          running: 0,
          failed: 0,
          oldestWaitingMs: null,
        },
      });
      await harness.reopen();
      const said = { ...wish, filter: { ...wish.filter, attributes: { y: "2", x: "1" } } };
      const again = await harness.store.createSubscription(said, { kind: "earliest" }, harness.tick(1));
      expect(again).toMatchObject({ status: "existing", subscription: { createMs: harness.now - 1, state: "live" } });
      for (const [differs, change] of [
        ["queue", { queue: "x" }],
        ["orderingKey", { orderingKey: null }],
        ["maxAttempts", { maxAttempts: null }],
        ["filter", { filter: everyEvent }],
      ] as const) {
        const other = await harness.store.createSubscription({ ...wish, ...change }, { kind: "now" }, harness.now);
        expect(other).toEqual({ status: "other_content", differs });
      }
      expect(await subscriptionNames(harness)).toEqual(["mail"]);
    });

    test("lists by name, page by page", async (harness) => {
      for (const name of ["c", "a", "b"]) await subscribe(harness, { name });
      expect((await harness.store.listSubscriptions(null, 2)).map(({ name }) => name)).toEqual(["a", "b"]);
      expect((await harness.store.listSubscriptions("b", 2)).map(({ name }) => name)).toEqual(["c"]);
    });
  });

  describe("catchUp", () => {
    test("delivers what was stored before, and then the subscription is live", async (harness) => {
      const events = await publish(harness, ["a", "b", "c"]);
      await subscribe(harness, { name: "all", queue: "all" }, { kind: "earliest" });
      await subscribe(
        harness,
        { name: "some", queue: "some" },
        { kind: "position", position: events[0]?.position ?? "" },
      );
      expect(await harness.store.listSubscriptions(null, 9)).toMatchObject([
        { name: "all", state: "catching_up", position: expect.any(String) },
        { name: "some", state: "catching_up", position: events[0]?.position },
      ]);
      await harness.reopen();
      await catchUp(harness.store, harness.now);
      expect(eventIds(await claimAll(harness, "all"))).toEqual(["a", "b", "c"]);
      expect(eventIds(await claimAll(harness, "some"))).toEqual(["b", "c"]);
      expect(await harness.store.listSubscriptions(null, 9)).toMatchObject([
        { state: "live", waiting: 0 },
        { state: "live", waiting: 0 },
      ]);
      // Nobody was told when they were stored.
      expect((await readEvent(harness, "a")).deliveredTo).toBe(0);
      expect(await harness.store.catchUp(harness.now)).toEqual({ isBehind: false });
    });

    test("is live at once where there is nothing to catch up with", async (harness) => {
      await subscribe(harness, {}, { kind: "earliest" });
      expect(await harness.store.listSubscriptions(null, 9)).toMatchObject([{ state: "live" }]);
    });

    test("goes in steps, and tells of the queues that have something to do", async (harness) => {
      const ids = Array.from({ length: 2_000 }, (_, n) => `e-${n}`);
      await publish(harness, ids);
      await subscribe(harness, {}, { kind: "earliest" });
      const ready: string[] = [];
      harness.store.onReady((queue) => ready.push(queue));
      expect(await catchUp(harness.store, harness.now)).toBeGreaterThan(1);
      expect(new Set(ready)).toEqual(new Set(["mail"]));
      expect(eventIds(await claimAll(harness))).toEqual(ids);
    });

    test("delivers each event once and in order, however publishing, steps and restarts fall together", async (harness) => {
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
            await publish(harness, ids, { type });
          };
          const first = (await publish(harness, [`${type}-before`], { type: "other" }))[0]?.position ?? "";
          for (const each of steps) {
            if (each === "publish") await publishSome(1);
            if (each === "publish many") await publishSome(700);
            if (each === "step") await harness.store.catchUp(harness.now);
            if (each === "reopen") await harness.reopen();
            if (each === "subscribe") {
              const name = `${type}-${begins.length}`;
              const fromStart = begins.length % 2 === 0;
              const filter = { ...everyEvent, types: [type] };
              const start = fromStart ? ({ kind: "position", position: first } as const) : ({ kind: "now" } as const);
              await subscribe(harness, { name, queue: name, filter }, start);
              begins.push(fromStart ? 0 : published.length);
            }
            if (each === "replay" && begins.length > 0 && replays === 0) {
              await catchUp(harness.store, harness.now);
              replays = published.length;
              await harness.store.replay(`${type}-0`, { kind: "position", position: first }, harness.now);
            }
          }
          await catchUp(harness.store, harness.now);
          for (const [index, begin] of begins.entries()) {
            const told = eventIds(await claimAll(harness, `${type}-${index}`));
            // A replay delivers what came before it once more, and all that comes after it once.
            const again = index === 0 && replays > 0 ? published.slice(0, replays) : [];
            expect(told).toEqual([...again, ...published.slice(again.length === 0 ? begin : 0)]);
            await endSubscription(harness, `${type}-${index}`);
          }
        }),
        { numRuns: 15 },
      );
    });
  });

  describe("replay", () => {
    test("delivers again from a place on, and leaves what was delivered", async (harness) => {
      await subscribe(harness);
      const [a] = await publish(harness, ["a", "b"]);
      for (const task of await claimAll(harness)) await harness.settle(task, completed());
      const answer = await harness.store.replay("mail", { kind: "position", position: a?.position ?? "" }, harness.now);
      expect(answer).toMatchObject({
        status: "replaying",
        subscription: { state: "catching_up", position: a?.position },
      });
      await publish(harness, ["c"]);
      await catchUp(harness.store, harness.now);
      expect(eventIds(await claimAll(harness))).toEqual(["b", "c"]);
      expect((await readEvent(harness, "b")).deliveries.map(({ task }) => task.state)).toEqual([
        "completed",
        "running",
      ]);
    });

    test("of one that is behind leaves out nothing that it had not taken in", async (harness) => {
      const [, b] = await publish(harness, ["a", "b", "c"]);
      await subscribe(harness, {}, { kind: "earliest" });
      await harness.store.replay("mail", { kind: "position", position: b?.position ?? "" }, harness.now);
      await catchUp(harness.store, harness.now);
      expect(eventIds(await claimAll(harness))).toEqual(["a", "b", "c"]);
    });
  });
}
