import type { NewEvent } from "../../../domain/events/event.ts";
import { type EventContent, isSameEvent } from "../../../domain/events/same-event.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { PublishAnswer } from "../../event-store.ts";
import {
  type EventRow,
  eventContentOf,
  eventOf,
  type WholeEventRow,
  wholeEventColumns,
} from "../../rows/event-rows.ts";
import type { KnownSubscription } from "../../rows/subscription-rows.ts";
import type { Engine } from "../engine/engine.ts";
import type { SetVerb } from "../engine/set-verbs.ts";
import type { Deliver, NewDelivery } from "./deliver.ts";

/** How many bytes of data one statement stores, unless a single event has more. */
const statementBytes = 16_777_216;

/** An event that is stored by this call. */
interface FreshEvent {
  readonly event: NewEvent;
  readonly attributes: string | null;
  readonly subscribers: readonly KnownSubscription[];
  key: number;
}

/** What stands under the name of an event: it was stored before, or is by this call. */
type Known = { readonly row: WholeEventRow } | { readonly fresh: FreshEvent };

/** The columns of a new row but for its id, each with its type and the value of an event. */
const columns: readonly (readonly [name: string, type: string, value: (fresh: FreshEvent) => unknown])[] = [
  ["id", "bigint", ({ key }) => key],
  ["event_id", "text", idOf],
  ["source_service", "text", ({ event }) => event.sourceService],
  ["type", "text", ({ event }) => event.type],
  ["subject", "text", ({ event }) => event.subject],
  ["time_s", "bigint", ({ event }) => event.time?.seconds],
  ["time_ns", "int", ({ event }) => event.time?.nanos],
  ["correlation_id", "text", ({ event }) => event.correlationId],
  ["causation_id", "text", ({ event }) => event.causationId],
  ["attributes", "text", ({ attributes }) => attributes],
  ["delivered_to", "int", ({ subscribers }) => subscribers.length],
  ["data", "bytea", ({ event }) => event.data],
];

const insert = `WITH stored AS (INSERT INTO event (${columns.map(([name]) => name).join(", ")})
    SELECT * FROM unnest(${columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(", ")}))
  UPDATE event_feed SET last = $${columns.length + 1}`;

/** Creates the verb `publish`. It runs while the feed of events is locked. */
export function createPublish({ db, keys, subscriptions, tallies }: Engine, deliver: Deliver): SetVerb<"publish"> {
  /** Those events that are stored under the ids and sources of new ones, by name. */
  async function storedUnderNames(events: readonly NewEvent[]): Promise<Map<string, Known>> {
    const named = events.filter(({ id }) => id !== null);
    if (named.length === 0) return new Map();
    const rows = await db.all<WholeEventRow>(
      `SELECT ${wholeEventColumns} FROM event WHERE (event_id, source_service) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
      [named.map(({ id }) => id), named.map(({ sourceService }) => sourceService)],
    );
    return new Map(rows.map((row) => [nameOf(row.event_id, row.source_service), { row }]));
  }

  function asExisting(row: EventRow): PublishAnswer {
    const event = { ...eventOf(row, keys), data: null, attributes: null };
    return { status: "existing", event, deliveredTo: row.delivered_to };
  }

  function asStored(status: "created" | "existing", fresh: FreshEvent): PublishAnswer {
    const { event, key, subscribers } = fresh;
    const position = idOfKey(key);
    const stored = { ...event, id: idOf(fresh), position, data: null, attributes: null, publishMs: keys.timeOf(key) };
    return { status, event: stored, deliveredTo: subscribers.length };
  }

  function answerOf(known: Known, isSame: boolean): PublishAnswer {
    if ("row" in known)
      return isSame ? asExisting(known.row) : { status: "event_id_reused", position: idOfKey(known.row.id) };
    return isSame
      ? asStored("existing", known.fresh)
      : { status: "event_id_reused", position: idOfKey(known.fresh.key) };
  }

  /** Stores events and their deliveries; each event has the key before those of its deliveries. */
  async function store(all: readonly FreshEvent[], nowMs: number): Promise<void> {
    const count = all.reduce((sum, { subscribers }) => sum + 1 + subscribers.length, 0);
    let next = await keys.take(count, nowMs);
    const deliveries: NewDelivery[] = [];
    for (const fresh of all) {
      fresh.key = next++;
      for (const to of fresh.subscribers) {
        deliveries.push({ key: next++, eventKey: fresh.key, event: fresh.event, to });
      }
    }
    const values = columns.map(([, , value]) => all.map((fresh) => value(fresh) ?? null));
    await db.run(insert, [...values, all.at(-1)?.key]);
    for (const _ of all) tallies?.published();
    await deliver(deliveries, nowMs);
  }

  async function publish(events: readonly NewEvent[], nowMs: number): Promise<PublishAnswer[]> {
    const live = await subscriptions.allLive();
    const known = await storedUnderNames(events);
    const fresh: FreshEvent[] = [];
    const answers = events.map((event): (() => PublishAnswer) => {
      const attributes = event.attributes && JSON.stringify(event.attributes);
      const name = event.id === null ? null : nameOf(event.id, event.sourceService);
      const before = name === null ? undefined : known.get(name);
      if (before !== undefined) {
        const isSame = isSameEvent(contentOf(before), { ...event, attributes });
        return () => answerOf(before, isSame);
      }
      const one = { event, attributes, subscribers: live.filter(({ matches }) => matches(event)), key: 0 };
      fresh.push(one);
      if (name !== null) known.set(name, { fresh: one });
      return () => asStored("created", one);
    });
    for (const some of piecesOf(fresh)) await store(some, nowMs);
    return answers.map((answer) => answer());
  }

  return async (calls) => {
    const nowMs = Math.max(...calls.map(([, ms]) => ms));
    const answers = await publish(
      calls.flatMap(([events]) => events),
      nowMs,
    );
    let next = 0;
    return calls.map(([events]) => {
      const from = next;
      next += events.length;
      return answers.slice(from, next);
    });
  };
}

/** The events in their order, in pieces that one statement takes. */
function piecesOf(all: readonly FreshEvent[]): FreshEvent[][] {
  const pieces: FreshEvent[][] = [];
  let bytes = 0;
  for (const fresh of all) {
    const size = fresh.event.data?.length ?? 0;
    if (pieces.length === 0 || bytes + size > statementBytes) {
      pieces.push([]);
      bytes = 0;
    }
    bytes += size;
    pieces.at(-1)?.push(fresh);
  }
  return pieces;
}

function idOf({ event, key }: FreshEvent): string {
  return event.id ?? idOfKey(key);
}

function nameOf(id: string, sourceService: string): string {
  return JSON.stringify([id, sourceService]);
}

function contentOf(known: Known): EventContent {
  return "row" in known ? eventContentOf(known.row) : { ...known.fresh.event, attributes: known.fresh.attributes };
}
