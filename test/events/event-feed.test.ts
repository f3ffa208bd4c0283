import { expect, it } from "vitest";
import type { EventStart, StoredEvent } from "../../src/domain/events/event.ts";
import { createFanOut } from "../../src/domain/fan-out.ts";
import { EventFeed } from "../../src/events/event-feed.ts";
import { everyEvent, newEvent } from "../harness/calls/builders.ts";
import { createCondition } from "../harness/condition.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { stubStore } from "./stub-store.ts";

/** A feed over a list of events, of which the oldest can be gone. */
function createFeedHarness() {
  const clock = createFakeClock();
  const events: StoredEvent[] = [];
  const condition = createCondition();
  let kept = "p000";
  let reads = 0;
  let answered = Promise.resolve();
  const store = stubStore({
    async findStart(start: EventStart) {
      const position = start.kind === "position" ? start.position : (events.at(-1)?.position ?? "p000");
      return position < kept ? { status: "expired", earliest: kept } : { status: "found", position };
    },
    async readEvents({ after, limit }) {
      reads++;
      condition.changed();
      const behind = events.filter(({ position }) => position > after);
      const page = behind.slice(0, limit);
      await answered;
      return { events: page, position: page.at(-1)?.position ?? after, isEnd: page.length === behind.length };
    },
  });
  const feed = new EventFeed(store, clock, createFanOut(clock));
  return {
    feed,
    clock,
    get reads() {
      return reads;
    },
    /** Resolves once the store has been read so often. */
    hasRead: (times: number) => condition.until(() => reads >= times, `${times} reads`),
    store(n: number): void {
      for (let index = 0; index < n; index++) {
        const id = String(events.length + 1).padStart(3, "0");
        events.push({ ...newEvent(), id, position: `p${id}`, publishMs: 0 });
      }
    },
    /** Lets what is read from now on be answered when `until` is settled. */
    holdAnswers(until: Promise<void>): void {
      answered = until;
    },
    forget(position: string): void {
      kept = position;
    },
    follow(start: EventStart = { kind: "now" }, signal: AbortSignal = new AbortController().signal) {
      return feed.watch(everyEvent, start, signal);
    },
  };
}

async function next(
  watch: AsyncGenerator<{ readonly events: readonly StoredEvent[]; readonly position: string }, void>,
) {
  const { value, done } = await watch.next();
  return done ? null : { ids: value?.events.map(({ id }) => id), position: value?.position };
}

it("says first where it begins, and reads again only when something was published", async () => {
  const harness = createFeedHarness();
  harness.store(1);
  const watch = harness.follow();
  expect(await next(watch)).toEqual({ ids: [], position: "p001" });
  const told = next(watch);
  await new Promise((resolve) => setImmediate(resolve));
  expect(harness.reads).toBe(1);
  harness.store(2);
  harness.feed.wake();
  expect(await told).toEqual({ ids: ["002", "003"], position: "p003" });
  await watch.return();
});

it("does not miss what is published while it reads", async () => {
  const harness = createFeedHarness();
  const watch = harness.follow();
  await next(watch);
  const told = next(watch);
  // Between the read, which has begun, and the wait for news.
  await Promise.resolve();
  harness.store(1);
  harness.feed.wake();
  expect(await told).toMatchObject({ ids: ["001"] });
  await watch.return();
});

it("hands out bounded pages, as fast as they are taken", async () => {
  const harness = createFeedHarness();
  harness.store(900);
  const watch = harness.follow({ kind: "position", position: "p000" });
  await next(watch);
  const sizes: (number | undefined)[] = [];
  for (let page = 0; page < 2; page++) sizes.push((await next(watch))?.ids?.length);
  expect(sizes).toEqual([500, 400]);
  expect(harness.reads).toBe(2);
  await watch.return();
});

it("refuses a start behind which events are gone, and tells a reader that retention has overtaken", async () => {
  const harness = createFeedHarness();
  harness.store(600);
  harness.forget("p001");
  await expect(next(harness.follow({ kind: "position", position: "p000" }))).rejects.toMatchObject({
    reason: "POSITION_EXPIRED",
    details: { field: "start", metadata: { earliest_position: "p001" } },
  });
  const watch = harness.follow({ kind: "position", position: "p001" });
  await next(watch);
  await next(watch);
  harness.forget("p550");
  await expect(next(watch)).rejects.toMatchObject({ reason: "POSITION_EXPIRED" });
});

it("ends when its signal is aborted, and says that it was stopped", async () => {
  const harness = createFeedHarness();
  const leave = new AbortController();
  const watch = harness.follow({ kind: "now" }, leave.signal);
  await next(watch);
  const left = next(watch);
  leave.abort();
  expect(await left).toBeNull();
  expect(harness.feed.stopped.aborted).toBe(false);
  harness.feed.stop();
  harness.feed.stop();
  expect(harness.feed.stopped.aborted).toBe(true);
});

it("does not share a page that was read before the last publication", async () => {
  const harness = createFeedHarness();
  harness.store(1);
  const first = harness.follow();
  await next(first);
  const told = next(first);
  // It waits by now.
  await harness.hasRead(1);
  await new Promise(setImmediate);
  const { promise, resolve } = Promise.withResolvers<void>();
  harness.holdAnswers(promise);
  const second = harness.follow();
  await next(second);
  const alsoTold = next(second);
  await harness.hasRead(2);
  harness.store(1);
  harness.feed.wake();
  await new Promise(setImmediate);
  resolve();
  expect(await told).toEqual({ ids: ["002"], position: "p002" });
  expect(await alsoTold).toEqual({ ids: ["002"], position: "p002" });
});

it("wakes many watchers a bounded number in a turn, and reads and shares one page for all of them", async () => {
  const harness = createFeedHarness();
  const watches = Array.from({ length: 300 }, () => harness.follow());
  for (const watch of watches) await next(watch);
  const told = watches.map(next);
  await harness.hasRead(1);
  await new Promise(setImmediate);
  harness.store(1);
  harness.feed.wake();
  for (const each of told) expect(await each).toEqual({ ids: ["001"], position: "p001" });
  expect(harness.reads).toBe(2);
  for (const watch of watches) await watch.return();
});
