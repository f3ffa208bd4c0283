/** The feed of events where several servers share a database. */

import { test as base, expect } from "vitest";
import type { StoredEvent } from "../../../../src/domain/events/event.ts";
import type { Store } from "../../../../src/store/store.ts";
import { everyEvent, newEvent, newSubscription, taskFilter } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { catchUp, createdEvent, placeOf, readAllEvents } from "../../events.ts";
import { listAll } from "../../read-all.ts";
import { startMs } from "../../store-harness.ts";
import { serversForTests } from "../open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const openServers = serversForTests();
const testMs = 120_000;

/** Publishes so many events, with several calls under way at each moment; answers them in the order of the calls. */
async function publishMany(store: Store, source: string, count: number, eachCall: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  const lanes = 4;
  const runLane = async (lane: number) => {
    for (let from = lane * eachCall; from < count; from += lanes * eachCall) {
      const wanted = Array.from({ length: Math.min(eachCall, count - from) }, (_, index) =>
        newEvent({ id: `${from + index}`, sourceService: source, type: `t.${(from + index) % 2}` }),
      );
      const answers = await store.publish(wanted, startMs + Math.floor(from / 100));
      events.push(...answers.map(createdEvent));
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  return events;
}

const places = (events: readonly StoredEvent[]) => events.map(({ position }) => position);

test("a reader with a cursor sees each event once and in order, while two servers publish at once", {
  timeout: testMs,
}, async () => {
  const { stores, close } = await openServers(3);
  const [a, b, reader] = stores as [Store, Store, Store];
  try {
    const begin = await placeOf(reader, { kind: "now" });
    const read: StoredEvent[] = [];
    let isOver = false;
    let readsBetween = 0;
    const reading = (async () => {
      for (let after = begin; ; ) {
        const wasOver = isOver;
        const page = await reader.readEvents({ filter: everyEvent, after, limit: 500, maxBytes: 1_000_000 });
        read.push(...page.events);
        after = page.position;
        if (page.isEnd && wasOver) return;
        if (page.isEnd && read.length > 0) readsBetween++;
      }
    })();
    const published = await Promise.all([publishMany(a, "a", 10_000, 7), publishMany(b, "b", 10_000, 13)]);
    isOver = true;
    await reading;
    expect(readsBetween).toBeGreaterThan(10);
    expect(places(read)).toEqual(places(published.flat()).sort());
    expect(new Set(read.map(({ sourceService, id }) => `${sourceService}/${id}`)).size).toBe(20_000);
    // Each server has published in the midst of the other's.
    const changes = read.filter(({ sourceService }, index) => sourceService !== read[index - 1]?.sourceService);
    expect(changes.length).toBeGreaterThan(10);
  } finally {
    await close();
  }
});

test("a subscription gets each event once, by the filter of its moment, whatever servers publish, change it and catch up beside each other", {
  timeout: testMs,
}, async () => {
  const { stores, close } = await openServers(3);
  const [a, b, c] = stores as [Store, Store, Store];
  /** The place of a change among the events: both run while the feed is locked. */
  const at = async <T>(change: Promise<T>): Promise<string> => {
    const [place] = await Promise.all([placeOf(b, { kind: "now" }), change]);
    return place;
  };
  const filterOf = (type: string) => ({ ...everyEvent, types: [type] });
  try {
    const begin = await placeOf(a, { kind: "now" });
    await a.publish([newEvent({ id: "first", type: "t.0" })], startMs);
    let isOver = false;
    const catching = (async () => {
      while (!isOver) await Promise.all([a.catchUp(startMs), c.catchUp(startMs)]);
    })();
    const publishing = Promise.all([publishMany(a, "a", 3_000, 3), publishMany(c, "c", 3_000, 5)]);

    const wish = (name: string) => newSubscription({ name, queue: name, filter: filterOf("t.0") });
    const made = await at(b.createSubscription(wish("made"), { kind: "now" }, startMs));
    await b.createSubscription(wish("early"), { kind: "earliest" }, startMs);
    const filters: (readonly [place: string, type: string])[] = [["", "t.0"]];
    await b.createSubscription(wish("changed"), { kind: "position", position: begin }, startMs);
    for (let round = 0; round < 30; round++) {
      const type = `t.${(round + 1) % 2}`;
      filters.push([await at(b.updateSubscription("changed", { filter: filterOf(type) })), type]);
      if (round % 5 === 1) await b.updateSubscription("changed", { paused: true });
      if (round % 5 === 4) await b.updateSubscription("changed", { paused: false });
    }
    await b.createSubscription(wish("ended"), { kind: "earliest" }, startMs);
    await catchUp(b, startMs);
    const ended = await at(b.endSubscription("ended"));
    await publishing;
    isOver = true;
    await catching;
    await catchUp(b, startMs);

    const { events } = await readAllEvents(a, begin);
    expect(events).toHaveLength(6_001);
    const delivered = async (queue: string) => {
      const tasks = (await listAll(b, taskFilter({ queue }))).reverse();
      return tasks.map(({ origin }) =>
        origin?.kind === "delivery" ? `${origin.sourceService}/${origin.eventId}` : "",
      );
    };
    const expected = (isMeant: (event: StoredEvent) => boolean) =>
      events.filter(isMeant).map(({ sourceService, id }) => `${sourceService}/${id}`);
    const filterAt = ({ position }: StoredEvent) => filters.findLast(([place]) => position > place)?.[1];
    expect(await delivered("made")).toEqual(expected(({ type, position }) => type === "t.0" && position > made));
    expect(await delivered("early")).toEqual(expected(({ type }) => type === "t.0"));
    expect(await delivered("changed")).toEqual(expected((event) => event.type === filterAt(event)));
    expect(await delivered("ended")).toEqual(expected(({ type, position }) => type === "t.0" && position <= ended));
    // All of it happened in between.
    for (const place of [made, ended]) {
      expect(place >= (events[0]?.position ?? "")).toBe(true);
      expect(place < (events.at(-1)?.position ?? "")).toBe(true);
    }
  } finally {
    await close();
  }
});
