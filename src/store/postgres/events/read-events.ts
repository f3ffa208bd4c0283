import type { StoredEvent } from "../../../domain/events/event.ts";
import { createEventMatcher } from "../../../domain/events/event-filter.ts";
import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import type { Task } from "../../../domain/tasks/task.ts";
import type { Delivery, EventStore } from "../../event-store.ts";
import {
  type EventRow,
  eventColumns,
  eventOf,
  sizeOfEvent,
  type WholeEventRow,
  wholeEventColumns,
} from "../../rows/event-rows.ts";
import { taskColumns } from "../../rows/task-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { readFeed } from "../engine/event-feed.ts";
import { type AnyTaskRow, tasksOf } from "../tasks/task-content.ts";

/** How many rows one page passes over at most, and how many are read at a time. */
const scanRows = 5_000;
const chunkRows = 500;
/** How many bytes of results one delivery report holds; later results are left out. */
const reportBytes = 1_048_576;

/** A row without its data. */
interface SizedRow extends EventRow {
  readonly data_bytes: number;
}

const sizedColumns = `${eventColumns}, coalesce(octet_length(data), 0) AS data_bytes`;

/** Creates the verbs that read events. */
export function createEventReads(engine: Engine): Pick<EventStore, "getEvent" | "listEvents" | "readEvents"> {
  const { db, keys } = engine;

  function find(id: string, sourceService: string | null): Promise<WholeEventRow | undefined> {
    const select = `SELECT ${wholeEventColumns} FROM event WHERE event_id = $1`;
    return sourceService === null
      ? db.get<WholeEventRow>(`${select} ORDER BY id DESC LIMIT 1`, [id])
      : db.get<WholeEventRow>(`${select} AND source_service = $2`, [id, sourceService]);
  }

  async function deliveriesOf(eventKey: number, most: number): Promise<Delivery[]> {
    const rows = await db.all<AnyTaskRow>(
      `SELECT ${taskColumns},
         CASE WHEN sum(coalesce(octet_length(result), 0)) OVER (ORDER BY id) <= ${reportBytes} THEN result END AS result
       FROM (SELECT * FROM task WHERE event_key = $1 ORDER BY id LIMIT $2) AS delivery ORDER BY id`,
      [eventKey, most],
    );
    return (await tasksOf(rows, engine)).flatMap(deliveryOf);
  }

  /** Rows below a key, newest first, as long as any are wanted; each is read when it is asked for. */
  async function* rowsBelow(correlationId: string | null, below: number, above: number): AsyncGenerator<EventRow> {
    const correlated = correlationId === null ? "" : "AND correlation_id = $4";
    const select = `SELECT ${eventColumns} FROM event WHERE id < $1 AND id >= $2 ${correlated} ORDER BY id DESC LIMIT $3`;
    for (let last = below; ; ) {
      const rows = await db.all<EventRow>(select, [
        last,
        above,
        chunkRows,
        ...(correlationId === null ? [] : [correlationId]),
      ]);
      yield* rows;
      if (rows.length < chunkRows) return;
      last = rows.at(-1)?.id ?? above;
    }
  }

  /** Rows behind a key, oldest first, as long as any are wanted: `few` at first, and then more at a time. */
  async function* rowsBehind(key: number, few: number): AsyncGenerator<SizedRow> {
    let last = key;
    for (let chunk = Math.min(few, chunkRows); ; chunk = Math.min(chunk * 4, chunkRows)) {
      const rows = await db.all<SizedRow>(`SELECT ${sizedColumns} FROM event WHERE id > $1 ORDER BY id LIMIT $2`, [
        last,
        chunk,
      ]);
      yield* rows;
      if (rows.length < chunk) return;
      last = rows.at(-1)?.id ?? last;
    }
  }

  /** The events of rows with their data, in their order; those that were deleted in between are left out. */
  async function withData(rows: readonly SizedRow[]): Promise<StoredEvent[]> {
    const wanted = rows.filter(({ data_bytes: bytes }) => bytes > 0).map(({ id }) => id);
    const found =
      wanted.length === 0
        ? []
        : await db.all<{ id: number; data: Uint8Array }>("SELECT id, data FROM event WHERE id = ANY($1)", [wanted]);
    const data = new Map(found.map((row) => [row.id, row.data]));
    return rows
      .filter(({ id, data_bytes: bytes }) => bytes === 0 || data.has(id))
      .map((row) => ({ ...eventOf(row, keys), data: data.get(row.id) ?? null }));
  }

  return {
    async getEvent(id, sourceService, mostDeliveries) {
      const row = await find(id, sourceService);
      if (row === undefined) return null;
      const deliveries = await deliveriesOf(row.id, mostDeliveries);
      return { event: eventOf(row, keys), deliveredTo: row.delivered_to, deliveries };
    },

    async listEvents({ filter, publishedAfterMs, publishedBeforeMs, cursor, limit }) {
      const matches = createEventMatcher(filter);
      const above = publishedAfterMs === null ? 0 : keys.firstAt(publishedAfterMs);
      const below = Math.min(
        cursor === null ? Number.MAX_SAFE_INTEGER : (keyOfId(cursor) ?? 0),
        publishedBeforeMs === null ? Number.MAX_SAFE_INTEGER : keys.at(publishedBeforeMs),
      );
      const events: StoredEvent[] = [];
      let scanned = 0;
      let last = 0;
      for await (const row of rowsBelow(filter.correlationId, below, above)) {
        if (events.length === limit || scanned === scanRows) return { events, nextCursor: idOfKey(last) };
        scanned++;
        last = row.id;
        const event = eventOf(row, keys);
        // The range of keys holds other times too where the clock was set back.
        const isWithin =
          event.publishMs >= (publishedAfterMs ?? event.publishMs) &&
          (publishedBeforeMs === null || event.publishMs < publishedBeforeMs);
        if (isWithin && matches(event)) events.push(event);
      }
      return { events, nextCursor: null };
    },

    async readEvents({ filter, after, limit, maxBytes }) {
      const matches = createEventMatcher(filter);
      const meant: SizedRow[] = [];
      let last = keyOfId(after) ?? (await readFeed(db)).lastKey;
      let scanned = 0;
      let bytes = 0;
      let isEnd = true;
      for await (const row of rowsBehind(last, limit + 1)) {
        const isMeant = matches(eventOf(row, keys));
        if (isMeant) bytes += sizeOfEvent(row, row.data_bytes);
        isEnd = meant.length < limit && (meant.length === 0 || bytes <= maxBytes) && scanned < scanRows;
        if (!isEnd) break;
        scanned++;
        last = row.id;
        if (isMeant) meant.push(row);
      }
      return { events: await withData(meant), position: idOfKey(last), isEnd };
    },
  };
}

function deliveryOf(task: Task): Delivery[] {
  return task.origin?.kind === "delivery" ? [{ subscription: task.origin.subscription, task }] : [];
}
