import { describe, expect } from "vitest";
import type { NewEvent } from "../../../../src/domain/events/event.ts";
import { everyEvent, newEvent } from "../../../harness/calls/builders.ts";
import {
  claimAll,
  createdEvent,
  eventIds,
  placeOf,
  publish,
  readAllEvents,
  readEvent,
  subscribe,
} from "../../events.ts";
import { bytes, completed, failed, text } from "../../outcomes.ts";
import { type StoreTest, startMs } from "../../store-harness.ts";

const whole: NewEvent = newEvent({
  id: "e-1",
  type: "order.created",
  sourceService: "shop",
  subject: "7",
  correlationId: "c",
  causationId: "web",
  time: { seconds: 1_700_000_000, nanos: 123_456_789 },
  data: bytes("data"),
  attributes: { level: 3, tenant: "acme", urgent: true },
});

/** Publishing, and reading what was published. */
export function describeEvents(test: StoreTest): void {
  describe("publish", () => {
    test("stores an event with a delivery for each live subscription that matches", async (harness) => {
      await subscribe(harness, {
        name: "a",
        queue: "a",
        filter: { ...everyEvent, types: ["order.*"] },
        maxAttempts: 3,
      });
      await subscribe(harness, { name: "b", queue: "b", attemptTimeoutMs: 5_000 });
      await subscribe(harness, { name: "c", queue: "c", filter: { ...everyEvent, types: ["parcel.*"] } });
      const [answer] = await harness.store.publish([whole], harness.now);
      const event = createdEvent(answer);
      expect(answer).toMatchObject({ deliveredTo: 2, event: { ...whole, data: null, attributes: null } });
      expect(event).toMatchObject({ publishMs: startMs, position: expect.stringMatching(/.+/) });

      const task = await harness.claimOne({ queue: "a" });
      expect(task).toMatchObject({
        type: "order.created",
        attempt: 1,
        maxAttempts: 3,
        correlationId: "c",
        sourceService: "shop",
        headers: null,
        origin: { kind: "delivery", eventId: "e-1", sourceService: "shop", subscription: "a" },
      });
      expect(text(task.payload)).toBe("data");
      const { data: _, ...facts } = whole;
      expect(task.event).toMatchObject({ ...facts, position: event.position, publishMs: startMs });
      expect(await harness.claimOne({ queue: "b" })).toMatchObject({ attemptTimeoutMs: 5_000, event: facts });
      expect(await harness.store.getQueue("c")).toBeNull();
    });

    test("answers and delivers in the order of the events", async (harness) => {
      await subscribe(harness);
      const ids = Array.from({ length: 50 }, (_, n) => `e-${n}`);
      const events = await publish(harness, ids);
      const positions = events.map(({ position }) => position);
      expect(positions).toEqual(positions.toSorted());
      expect(new Set(positions).size).toBe(50);
      expect(eventIds(await claimAll(harness))).toEqual(ids);
    });

    test("makes ids where none is said, each another", async (harness) => {
      const answers = await harness.store.publish([newEvent(), newEvent(), newEvent()], harness.now);
      const ids = answers.map((answer) => createdEvent(answer).id);
      expect(new Set(ids).size).toBe(3);
      expect((await readEvent(harness, ids[1] ?? "")).event.id).toBe(ids[1]);
    });

    test("makes no second event of one id of one source, and no second delivery", async (harness) => {
      await subscribe(harness);
      const first = createdEvent((await harness.store.publish([whole], harness.now))[0]);
      await harness.reopen();
      const again = await harness.store.publish([whole, { ...whole, sourceService: "other" }], harness.tick(1_000));
      expect(again).toMatchObject([
        { status: "existing", deliveredTo: 1, event: { id: "e-1", position: first.position, publishMs: startMs } },
        { status: "created", deliveredTo: 1 },
      ]);
      expect(await claimAll(harness)).toHaveLength(2);
      const twice = await harness.store.publish([newEvent({ id: "x" }), newEvent({ id: "x" })], harness.now);
      expect(twice.map(({ status }) => status)).toEqual(["created", "existing"]);
    });

    test("takes anything else under a known id for another event, and stores nothing of it", async (harness) => {
      const { position } = createdEvent((await harness.store.publish([whole], harness.now))[0]);
      const others: Partial<NewEvent>[] = [
        { type: "x" },
        { subject: null },
        { time: null },
        { time: { seconds: 1_700_000_000, nanos: 0 } },
        { data: null },
        { data: bytes("Data") },
        { correlationId: "d" },
        { causationId: null },
        { attributes: null },
        { attributes: { level: "3", tenant: "acme", urgent: true } },
      ];
      const answers = await harness.store.publish(
        others.map((change) => ({ ...whole, ...change })),
        harness.now,
      );
      for (const answer of answers) expect(answer).toEqual({ status: "event_id_reused", position });
      expect(
        (await readAllEvents(harness.store, await placeOf(harness.store, { kind: "earliest" }))).events,
      ).toHaveLength(1);
    });

    test("passes by the bound of a queue, which is for producers", async (harness) => {
      await harness.store.updateQueue("mail", { maxDepth: 1 }, true, harness.now);
      await subscribe(harness);
      await publish(harness, ["a", "b", "c"]);
      expect((await harness.store.getQueue("mail"))?.counts.pending).toBe(3);
    });

    test("tells of the tasks that it makes, and of the queues that have something to do", async (harness) => {
      await subscribe(harness, { name: "a", queue: "a" });
      await subscribe(harness, { name: "b", queue: "b", orderingKey: "subject" });
      const ready: [string, number][] = [];
      const changes: (string | null)[] = [];
      harness.store.onReady((queue, n) => ready.push([queue, n]));
      harness.store.subscribe((told) => changes.push(...told.map(({ queue, state }) => `${queue} ${state}`)));
      await publish(harness, ["1", "2"], { subject: "s" });
      await harness.store.get([]);
      expect(ready.toSorted()).toEqual([
        ["a", 2],
        ["b", 1],
      ]);
      expect(changes).toEqual(["a pending", "b pending", "a pending", "b blocked"]);
    });

    test("keeps one subscriber's failure from the others", async (harness) => {
      await subscribe(harness, { name: "good", queue: "good" });
      await subscribe(harness, { name: "bad", queue: "bad" });
      await publish(harness, ["e"]);
      await harness.settle(await harness.claimOne({ queue: "bad" }), failed({ terminal: true }));
      const good = await harness.claimOne({ queue: "good" });
      await harness.settle(good, completed("thanks"));
      const { deliveries } = await readEvent(harness, "e");
      expect(deliveries.map(({ subscription, task }) => [subscription, task.state, text(task.result)])).toEqual([
        ["good", "completed", "thanks"],
        ["bad", "failed", null],
      ]);
      expect(deliveries[1]?.task.error?.type).toBe("PrinterError");
    });

    test("survives a restart, the subscriptions with it", async (harness) => {
      await subscribe(harness, { filter: { ...everyEvent, attributes: { tenant: "acme" } } });
      await harness.store.publish([whole], harness.now);
      await harness.reopen();
      await harness.store.publish([{ ...whole, id: "e-2" }, newEvent({ id: "e-3" })], harness.tick(1));
      const tasks = await claimAll(harness);
      expect(eventIds(tasks)).toEqual(["e-1", "e-2"]);
      expect(tasks[0]?.event).toMatchObject({ time: whole.time, attributes: whole.attributes, publishMs: startMs });
    });
  });

  describe("getEvent", () => {
    test("reads an event whole, of the source that is named or the newest", async (harness) => {
      await harness.store.publish([whole], harness.now);
      await harness.store.publish([newEvent({ id: "e-1", sourceService: "later" })], harness.tick(1));
      expect((await readEvent(harness, "e-1", "shop")).event).toMatchObject({ ...whole, publishMs: startMs });
      expect((await readEvent(harness, "e-1")).event.sourceService).toBe("later");
      expect(await harness.store.getEvent("e-1", "nobody", 10)).toBeNull();
      expect(await harness.store.getEvent("nothing", null, 10)).toBeNull();
    });

    test("reports the deliveries, oldest first and no more than were asked for", async (harness) => {
      expect(await harness.store.publish([newEvent({ id: "early" })], harness.now)).toMatchObject([{ deliveredTo: 0 }]);
      for (const name of ["a", "b", "c"]) await subscribe(harness, { name });
      await publish(harness, ["e"]);
      const { deliveredTo, deliveries } = await readEvent(harness, "e");
      expect(deliveredTo).toBe(3);
      expect(deliveries.map(({ subscription }) => subscription)).toEqual(["a", "b", "c"]);
      expect((await harness.store.getEvent("e", null, 2))?.deliveries).toHaveLength(2);
      expect(await readEvent(harness, "early")).toMatchObject({ deliveredTo: 0, deliveries: [] });
    });
  });

  describe("listEvents", () => {
    test("lists the newest first by filter and time, page by page, without data", async (harness) => {
      await publish(harness, ["a", "b"], { correlationId: "c", data: bytes("x"), attributes: { tenant: "acme" } });
      harness.tick(1_000);
      await publish(harness, ["c", "d"], { type: "parcel.sent" });
      const list = async (changes: Partial<Parameters<typeof harness.store.listEvents>[0]> = {}) => {
        const bounds = { publishedAfterMs: null, publishedBeforeMs: null, cursor: null, limit: 10 };
        const page = await harness.store.listEvents({ filter: everyEvent, ...bounds, ...changes });
        return { ids: page.events.map(({ id }) => id).join(""), ...page };
      };
      const all = await list();
      expect(all).toMatchObject({ ids: "dcba", nextCursor: null });
      expect(all.events[3]).toMatchObject({ data: null, attributes: { tenant: "acme" }, publishMs: startMs });
      expect((await list({ filter: { ...everyEvent, types: ["parcel.*"] } })).ids).toBe("dc");
      expect((await list({ filter: { ...everyEvent, correlationId: "c" } })).ids).toBe("ba");
      expect((await list({ filter: { ...everyEvent, attributes: { tenant: "x" } } })).ids).toBe("");
      expect((await list({ publishedAfterMs: harness.now })).ids).toBe("dc");
      expect((await list({ publishedBeforeMs: harness.now })).ids).toBe("ba");
      const first = await list({ limit: 3 });
      expect(first.ids).toBe("dcb");
      expect(await list({ limit: 3, cursor: first.nextCursor })).toMatchObject({ ids: "a", nextCursor: null });
    });
  });

  describe("readEvents", () => {
    test("reads on behind a position, whole and in order, in pages of a size", async (harness) => {
      const begin = await placeOf(harness.store, { kind: "now" });
      const events = await publish(harness, ["a", "b", "c", "d", "e"], { data: bytes("x".repeat(1_000)) });
      const all = await readAllEvents(harness.store, begin);
      expect(all.events.map(({ id }) => id).join("")).toBe("abcde");
      expect(text(all.events[0]?.data ?? null)).toHaveLength(1_000);
      expect((await readAllEvents(harness.store, begin, { limit: 2 })).pages).toBeGreaterThanOrEqual(3);
      const small = await readAllEvents(harness.store, begin, { maxBytes: 1 });
      expect(small.events.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
      expect(small.pages).toBeGreaterThanOrEqual(5);
      const behind = await readAllEvents(harness.store, events[2]?.position ?? "");
      expect(behind.events.map(({ id }) => id).join("")).toBe("de");
      expect(await readAllEvents(harness.store, behind.position)).toMatchObject({
        events: [],
        position: behind.position,
      });
    });

    test("moves its position on past what does not match", async (harness) => {
      const begin = await placeOf(harness.store, { kind: "now" });
      const events = await publish(harness, ["a", "b", "c"]);
      const filter = { types: ["never"] };
      const { position, events: found } = await readAllEvents(harness.store, begin, { filter });
      expect(found).toEqual([]);
      expect(position >= (events[2]?.position ?? "~")).toBe(true);
    });
  });

  describe("findStart", () => {
    test("finds the places to begin at", async (harness) => {
      const before = await publish(harness, ["a", "b"]);
      harness.tick(10);
      await publish(harness, ["c"]);
      const from = async (start: Parameters<typeof placeOf>[1]) => {
        const { events } = await readAllEvents(harness.store, await placeOf(harness.store, start));
        return events.map(({ id }) => id).join("");
      };
      expect(await from({ kind: "now" })).toBe("");
      expect(await from({ kind: "earliest" })).toBe("abc");
      expect(await from({ kind: "time", ms: 0 })).toBe("abc");
      expect(await from({ kind: "time", ms: startMs })).toBe("abc");
      expect(await from({ kind: "time", ms: startMs + 1 })).toBe("c");
      expect(await from({ kind: "time", ms: harness.now + 1 })).toBe("");
      expect(await from({ kind: "position", position: before[0]?.position ?? "" })).toBe("bc");
    });

    test("sees what is published next from now on, also in the same moment and after a restart", async (harness) => {
      await publish(harness, ["a"]);
      const begin = await placeOf(harness.store, { kind: "now" });
      await harness.reopen();
      await publish(harness, ["b"]);
      expect((await readAllEvents(harness.store, begin)).events.map(({ id }) => id)).toEqual(["b"]);
    });

    test("of a subscription that is not there begins nothing", async (harness) => {
      expect(await harness.store.replay("nobody", { kind: "earliest" }, harness.now)).toEqual({ status: "not_found" });
      expect(await harness.store.endSubscription("nobody")).toBeNull();
    });
  });
}
