import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import type { SubscribeResponse } from "../../../gen/sitq/v1/event_service_pb.js";
import { behind, fromEarliest, fromNow, publish, publishAll, watchEvents } from "../../harness/calls/events.ts";
import { bytes, json, present } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalIn, refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `e-${from + n}`);

describe("Subscribe", () => {
  it("says first where the watch begins, and then every event that matches, whole and in order", async () => {
    await using server = await startServer();
    await publish(server, { id: "before" });
    const watch = await watchEvents(server, { filter: { types: ["order.*"] } });
    expect(watch.messages[0]).toMatchObject({ events: [], position: expect.stringMatching(/.+/) });
    await publishAll(server, ["a", "b"], { data: json({ n: 1 }), attributes: { urgent: fromJson(ValueSchema, true) } });
    await publish(server, { id: "x", type: "parcel.sent" });
    await publishAll(server, ["c"]);
    expect(await watch.ids(3)).toEqual(["a", "b", "c"]);
    expect(watch.events[0]).toMatchObject({ data: { kind: { case: "json" } }, subject: "", sourceService: "shop" });
    expect(watch.events[0]?.attributes.urgent?.kind).toEqual({ case: "boolValue", value: true });
    expect(watch.position >= present(watch.events[2]).position).toBe(true);
  });

  it("begins at the earliest event, at a time, or behind a position", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const [a] = await publishAll(server, ["a", "b"]);
    clock.advance(1_500);
    await publishAll(server, ["c"]);
    const at = { $typeName: "google.protobuf.Timestamp" as const, seconds: BigInt(Math.floor(clock.now() / 1_000)) };
    const all = await watchEvents(server, { start: fromEarliest });
    const later = await watchEvents(server, { start: behind(present(a).position) });
    const since = await watchEvents(server, { start: { case: "time", value: { ...at, nanos: 500_000_000 } } });
    const past = await watchEvents(server, { start: { case: "time", value: { ...at, nanos: 500_000_001 } } });
    await publishAll(server, ["d"]);
    expect(await all.ids(4)).toEqual(["a", "b", "c", "d"]);
    expect(await later.ids(3)).toEqual(["b", "c", "d"]);
    expect(await since.ids(2)).toEqual(["c", "d"]);
    expect(await past.ids(1)).toEqual(["d"]);
  });

  it("misses nothing and repeats nothing while many publish", async () => {
    await using server = await startServer();
    const watch = await watchEvents(server);
    const batches = Array.from({ length: 20 }, (_, n) => publishAll(server, ids(50 * n, 50 * (n + 1))));
    const answers = await Promise.all(batches);
    const published = answers.flat().toSorted((a, b) => (a.position < b.position ? -1 : 1));
    expect(await watch.ids(1_000)).toEqual(published.map(({ id }) => id));
  });

  it("leaves no gap and no repeat when it comes back with its last position, through a restart too", async () => {
    await using server = await startServer();
    const seen: string[] = [];
    let start = fromNow;
    let published = 0;
    async function publishMore(n: number): Promise<void> {
      const names = ids(published, published + n);
      published += n;
      await publishAll(server, names);
    }
    for (let round = 0; round < 6; round++) {
      const watch = await watchEvents(server, { start });
      const publishing = publishMore(100);
      await watch.ids(1 + round * 10);
      watch.stop();
      await Promise.all([watch.ended, publishing]);
      seen.push(...watch.events.map(({ id }) => id));
      start = behind(watch.position);
      if (round % 2 === 0) continue;
      await publishMore(10);
      await server.restart();
    }
    const rest = await watchEvents(server, { start });
    await publishMore(1);
    const last = await rest.ids(published - seen.length);
    expect([...seen, ...last]).toEqual(ids(0, published));
  });

  it("tells its position now and then though nothing matches", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const watch = await watchEvents(server, { filter: { types: ["never"] } });
    await publish(server, { id: "a" });
    clock.advance(5_000);
    await publish(server, { id: "b" });
    await watch.message(2);
    expect(watch.messages[1]?.events).toEqual([]);
    expect(watch.position > (watch.messages[0]?.position ?? "~")).toBe(true);
  });

  it("waits for a reader that is slow, in bounded messages, and loses nothing", async () => {
    await using server = await startServer();
    const call = server.event.subscribe({ start: { start: fromNow } });
    const reader = call[Symbol.asyncIterator]();
    await reader.next();
    // More than the buffers of both sides hold.
    const names: string[] = [];
    for (let n = 0; n < 24; n++) {
      names.push(...(await publishAll(server, [`a-${n}`, `b-${n}`], { data: bytes(1_000_000) })).map(({ id }) => id));
    }
    const seen: string[] = [];
    while (seen.length < names.length) {
      const { events }: SubscribeResponse = present((await reader.next()).value);
      expect(events.length).toBeLessThanOrEqual(3);
      seen.push(...events.map(({ id }) => id));
    }
    expect(seen).toEqual(names);
    await reader.return?.();
  });

  it("ends with DRAINING when the server stops", async () => {
    const server = await startServer();
    const watch = await watchEvents(server);
    await server.stop();
    expect(refusalIn(await watch.ended)).toMatchObject({
      code: "UNAVAILABLE",
      reason: "DRAINING",
      retryAfterMs: 1_000,
    });
  });

  it.each([
    ["filter.types[0]", { filter: { types: ["*a"] }, start: { start: fromNow } }],
    ["start", {}],
  ])("names %s when it is not valid", async (field, request) => {
    await using server = await startServer();
    const call = server.event.subscribe(request)[Symbol.asyncIterator]().next();
    expect(await refusalOf(call)).toMatchObject({ reason: "INVALID_FIELD", field });
  });
});

describe("retention of events", () => {
  const dayMs = 86_400_000;
  const retained = { eventRetentionMs: 7 * dayMs, retentionIntervalMs: 60_000 };
  /** Waits until retention has deleted an event. Nothing tells of that: it is for those who look for it. */
  const gone = (server: TestServer, eventId: string) =>
    expect.poll(() => refusalOf(server.event.getEvent({ eventId })).catch(() => null)).not.toBeNull();

  it("deletes what is old enough; who comes back too late, or is too slow, is told that something is missing", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock, config: retained });
    const early = await watchEvents(server);
    await publishAll(server, ["a", "b"]);
    const slow = server.event.subscribe({ start: { start: fromEarliest } })[Symbol.asyncIterator]();
    await early.ids(2);
    const start = early.messages[0]?.position ?? "";
    clock.advance(7 * dayMs - 1_000);
    await publishAll(server, ["c"]);
    // A round of an unmoving clock that is moved by days counts as a long one, and earns an hour's pause.
    clock.advance(3_600_000 + 60_000);
    await gone(server, "b");
    const refusal = await refusalOf(
      server.event
        .subscribe({ start: { start: behind(start) } })
        [Symbol.asyncIterator]()
        .next(),
    );
    expect(refusal).toMatchObject({ code: "FAILED_PRECONDITION", reason: "POSITION_EXPIRED", field: "start" });
    const { earliest_position: earliest = "" } = refusal.metadata;
    expect(await (await watchEvents(server, { start: behind(earliest) })).ids(1)).toEqual(["c"]);
    expect(await (await watchEvents(server, { start: fromEarliest })).ids(1)).toEqual(["c"]);
    expect(
      await refusalOf(
        server.event.createSubscription({ subscription: { name: "s" }, start: { start: behind(start) } }),
      ),
    ).toMatchObject({ code: "FAILED_PRECONDITION", reason: "POSITION_EXPIRED", field: "start" });
    expect((await server.event.listSubscriptions({})).subscriptions).toEqual([]);
    expect(await early.ids(3)).toEqual(["a", "b", "c"]);
    await slow.return?.();
  });
});

describe("ListEvents", () => {
  it("lists the newest first, without data, by filter and time, a page at a time", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    await publishAll(server, ["a", "b"], { data: json(1), correlationId: "c-1" });
    clock.advance(1_000);
    await publishAll(server, ["c", "d"], { type: "parcel.sent", correlationId: "c-1" });
    await publishAll(server, ["e"], { type: "parcel.sent" });
    const list = async (request: Parameters<typeof server.event.listEvents>[0] = {}) => {
      const { events, nextPageToken } = await server.event.listEvents(request);
      expect(events.every(({ data }) => data === undefined)).toBe(true);
      return { ids: events.map(({ id }) => id).join(""), nextPageToken };
    };
    const time = (ms: number) => ({ seconds: BigInt(Math.floor(ms / 1_000)), nanos: (ms % 1_000) * 1_000_000 });
    expect((await list()).ids).toBe("edcba");
    expect((await list({ filter: { types: ["parcel.*"] } })).ids).toBe("edc");
    expect((await list({ filter: { correlationId: "c-1" } })).ids).toBe("dcba");
    expect((await list({ publishedAfter: time(clock.now()) })).ids).toBe("edc");
    expect((await list({ publishedBefore: time(clock.now()) })).ids).toBe("ba");
    const filter = { correlationId: "c-1" };
    const first = await list({ filter, pageSize: 3 });
    expect(first.ids).toBe("dcb");
    expect(await list({ filter, pageSize: 3, pageToken: first.nextPageToken })).toEqual({
      ids: "a",
      nextPageToken: "",
    });
    const other = server.event.listEvents({ pageToken: first.nextPageToken });
    expect(await refusalOf(other)).toMatchObject({ reason: "INVALID_PAGE_TOKEN" });
    expect(await refusalOf(list({ filter: { types: ["**.x"] } }))).toMatchObject({ field: "filter.types[0]" });
  });

  it("ends a page before it is too large to send", async () => {
    await using server = await startServer();
    const note = fromJson(ValueSchema, "x".repeat(16_000));
    const names = ids(0, 250);
    for (let n = 0; n < 250; n += 50) await publishAll(server, names.slice(n, n + 50), { attributes: { note } });
    const found: string[] = [];
    let pageToken = "";
    do {
      const page = await server.event.listEvents({ pageSize: 1_000, pageToken });
      found.push(...page.events.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(found).toEqual(names.toReversed());
  });
});
