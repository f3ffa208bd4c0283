import type { StoredEvent } from "../../../domain/events/event.ts";
import { createEventMatcher } from "../../../domain/events/event-filter.ts";
import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import type { Delivery } from "../../event-store.ts";
import { type EventRow, eventColumns, eventOf, sizeOfEvent } from "../../rows/event-rows.ts";
import { type ResultRow, resultColumns } from "../../rows/task-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { type FullEventRow, fullEventColumns, isReadable, readEventOf } from "../rows/event-rows.ts";
import { taskOf } from "../tasks/task-content.ts";

/** How many rows one page passes over at most. */
const scanRows = 5_000;
/** How many bytes of events one page of a list reads to compare their checksums; the event that exceeds it is the page's last. */
const checkedBytes = 8_388_608;
/** How many bytes of results one delivery report holds; later results are left out. */
const reportBytes = 1_048_576;

/** Creates the verbs that read events, on an open database. */
export function createEventReads(engine: Engine) {
  const { db, keys, damages } = engine;
  const selectOfSource = db.prepare<[string, string], FullEventRow>(
    `SELECT ${fullEventColumns} FROM event WHERE event_id = ? AND source_service = ?`,
  );
  const selectNewest = db.prepare<[string], FullEventRow>(
    `SELECT ${fullEventColumns} FROM event WHERE event_id = ? ORDER BY id DESC LIMIT 1`,
  );
  const selectDeliveries = db.prepare<[number, number], ResultRow>(
    `SELECT ${resultColumns} FROM task WHERE event_key = ? ORDER BY id LIMIT ?`,
  );
  const selectOne = db.prepare<[number], FullEventRow>(`SELECT ${fullEventColumns} FROM event WHERE id = ?`);
  const selectBelow = db.prepare<[number, number], EventRow>(
    `SELECT ${eventColumns} FROM event WHERE id < ? AND id >= ? ORDER BY id DESC`,
  );
  const selectCorrelated = db.prepare<[string, number, number], EventRow>(
    `SELECT ${eventColumns} FROM event INDEXED BY event_correlation
     WHERE correlation_id = ? AND id < ? AND id >= ? ORDER BY id DESC`,
  );
  const selectBehind = db.prepare<[number], FullEventRow>(
    `SELECT ${fullEventColumns} FROM event WHERE id > ? ORDER BY id`,
  );

  const getEvent: SyncVerb<Store["getEvent"]> = (id, sourceService, mostDeliveries) => {
    const row = sourceService === null ? selectNewest.get(id) : selectOfSource.get(id, sourceService);
    if (row === undefined) return null;
    let room = reportBytes;
    const deliveries: Delivery[] = [];
    for (const delivery of selectDeliveries.iterate(row.id, mostDeliveries)) {
      room -= delivery.result?.length ?? 0;
      const read = taskOf(delivery, engine);
      const task = room < 0 ? { ...read, result: null } : read;
      // The index may hold what a damaged row does not any more.
      if (task.origin?.kind === "delivery") deliveries.push({ subscription: task.origin.subscription, task });
    }
    return { event: readEventOf(row, keys, damages), deliveredTo: row.delivered_to, deliveries };
  };

  const listEvents: SyncVerb<Store["listEvents"]> = ({
    filter,
    publishedAfterMs,
    publishedBeforeMs,
    cursor,
    limit,
  }) => {
    const matches = createEventMatcher(filter);
    const above = publishedAfterMs === null ? 0 : keys.firstAt(publishedAfterMs);
    const below = Math.min(
      cursor === null ? Number.MAX_SAFE_INTEGER : (keyOfId(cursor) ?? 0),
      publishedBeforeMs === null ? Number.MAX_SAFE_INTEGER : keys.at(publishedBeforeMs),
    );
    const rows =
      filter.correlationId === null
        ? selectBelow.iterate(below, above)
        : selectCorrelated.iterate(filter.correlationId, below, above);
    const events: StoredEvent[] = [];
    let scanned = 0;
    let bytes = 0;
    let last = 0;
    for (const row of rows) {
      const isFull = events.length === limit || bytes > checkedBytes;
      if (isFull || scanned === scanRows) return { events, nextCursor: idOfKey(last) };
      scanned++;
      last = row.id;
      const event = eventOf(row, keys);
      // The range of keys holds other times too where the clock was set back.
      const isWithin =
        event.publishMs >= (publishedAfterMs ?? event.publishMs) &&
        (publishedBeforeMs === null || event.publishMs < publishedBeforeMs);
      if (!isWithin || !matches(event)) continue;
      const whole = selectOne.get(row.id);
      if (whole === undefined) continue;
      bytes += sizeOfEvent(whole, whole.data?.length ?? 0);
      events.push({ ...readEventOf(whole, keys, damages), data: null });
    }
    return { events, nextCursor: null };
  };

  const readEvents: SyncVerb<Store["readEvents"]> = ({ filter, after, limit, maxBytes }) => {
    const matches = createEventMatcher(filter);
    const events: StoredEvent[] = [];
    let last = keyOfId(after) ?? keys.last;
    let scanned = 0;
    let bytes = 0;
    for (const row of selectBehind.iterate(last)) {
      // What the filter compares may be what is damaged: no watcher is kept from seeing that an event is there.
      const isMeant = matches(eventOf(row, keys)) || !isReadable(row);
      if (isMeant) bytes += sizeOfEvent(row, row.data?.length ?? 0);
      const isFull = events.length === limit || (events.length > 0 && bytes > maxBytes);
      if (isFull || scanned === scanRows) return { events, position: idOfKey(last), isEnd: false };
      scanned++;
      last = row.id;
      if (isMeant) events.push(readEventOf(row, keys, damages));
    }
    return { events, position: idOfKey(last), isEnd: true };
  };

  return { getEvent, listEvents, readEvents };
}
