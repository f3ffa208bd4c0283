import type { NewEvent } from "../../../domain/events/event.ts";
import { isSameEvent } from "../../../domain/events/same-event.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { PublishAnswer } from "../../event-store.ts";
import { type EventRow, eventContentOf, eventOf } from "../../rows/event-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { eventChecksum, type FullEventRow, fullEventColumns } from "../rows/event-rows.ts";
import type { Deliver } from "./deliver.ts";

/** Creates the verb `publish` on an open database. */
export function createPublish(engine: Engine, deliver: Deliver): SyncVerb<Store["publish"]> {
  const { db, subscriptions, keys, tallies } = engine;
  const selectByName = db.prepare<[string, string], FullEventRow>(
    `SELECT ${fullEventColumns} FROM event WHERE event_id = ? AND source_service = ?`,
  );
  const insert = db.prepare(
    `INSERT INTO event (id, event_id, source_service, type, subject, time_s, time_ns, correlation_id, causation_id,
       attributes, delivered_to, data, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );

  function existing(row: EventRow): PublishAnswer {
    const event = { ...eventOf(row, keys), data: null, attributes: null };
    return { status: "existing", event, deliveredTo: row.delivered_to };
  }

  function publishOne(event: NewEvent, nowMs: number): PublishAnswer {
    const attributes = event.attributes && JSON.stringify(event.attributes);
    if (event.id !== null) {
      const known = selectByName.get(event.id, event.sourceService);
      if (known !== undefined) {
        const same = isSameEvent(eventContentOf(known), { ...event, attributes });
        return same ? existing(known) : { status: "event_id_reused", position: idOfKey(known.id) };
      }
    }
    const key = keys.next(nowMs);
    const id = event.id ?? idOfKey(key);
    const subscribers = [...subscriptions.all()].filter((entry) => entry.positionKey === null && entry.matches(event));
    insert.run(
      key,
      id,
      event.sourceService,
      event.type,
      event.subject,
      event.time?.seconds ?? null,
      event.time?.nanos ?? null,
      event.correlationId,
      event.causationId,
      attributes,
      subscribers.length,
      event.data,
      eventChecksum({
        id: key,
        event_id: id,
        source_service: event.sourceService,
        type: event.type,
        subject: event.subject,
        time_s: event.time?.seconds ?? null,
        time_ns: event.time?.nanos ?? null,
        attributes,
        data: event.data,
        correlation_id: event.correlationId,
        causation_id: event.causationId,
      }),
    );
    for (const subscriber of subscribers) deliver({ ...event, key }, subscriber, nowMs);
    tallies?.published();
    const stored = { ...event, id, position: idOfKey(key), data: null, attributes: null, publishMs: keys.timeOf(key) };
    return { status: "created", event: stored, deliveredTo: subscribers.length };
  }

  return (events, nowMs) => events.map((event) => publishOne(event, nowMs));
}
