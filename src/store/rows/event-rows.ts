/** Rows of `event` to records of the domain. */

import type { AttributeValue } from "../../contract/json-value.ts";
import type { StoredEvent } from "../../domain/events/event.ts";
import type { EventContent } from "../../domain/events/same-event.ts";
import { idOfKey } from "../../domain/ids.ts";
import type { KeySequence } from "../../domain/key-sequence.ts";
import { readJson, textOf } from "./json-column.ts";

/** A row of `event` without its data. */
export interface EventRow {
  readonly id: number;
  readonly event_id: string;
  readonly source_service: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time_s: number | null;
  readonly time_ns: number | null;
  readonly correlation_id: string | null;
  readonly causation_id: string | null;
  readonly attributes: string | null;
  readonly delivered_to: number;
}

/** The columns of an EventRow. */
export const eventColumns =
  "id, event_id, source_service, type, subject, time_s, time_ns, correlation_id, causation_id, attributes, delivered_to";

/** A row of `event` with its data. */
export interface WholeEventRow extends EventRow {
  readonly data: Uint8Array | null;
}

/** The columns of a WholeEventRow. */
export const wholeEventColumns = `${eventColumns}, data`;

/** An event of a row; without the column its data are `null`. */
export function eventOf(row: EventRow | WholeEventRow, keys: Pick<KeySequence, "timeOf">): StoredEvent {
  return {
    id: textOf(row.event_id) ?? "",
    position: idOfKey(row.id),
    type: textOf(row.type) ?? "",
    sourceService: textOf(row.source_service) ?? "",
    subject: textOf(row.subject),
    time: row.time_s === null || row.time_ns === null ? null : { seconds: row.time_s, nanos: row.time_ns },
    data: "data" in row ? row.data : null,
    correlationId: textOf(row.correlation_id),
    causationId: textOf(row.causation_id),
    attributes: readJson<Record<string, AttributeValue>>(row.attributes),
    publishMs: keys.timeOf(row.id),
  };
}

/** What a repeat of an event is compared with. */
export function eventContentOf(row: WholeEventRow): EventContent {
  const { type, subject, time_s: seconds, time_ns: nanos, correlation_id: correlationId, attributes, data } = row;
  const time = seconds === null ? null : { seconds, nanos: nanos ?? 0 };
  return { type, subject, time, correlationId, causationId: row.causation_id, attributes, data };
}

/** About what an event takes in a message, in bytes. @param dataBytes how many its data have */
export function sizeOfEvent({ attributes }: Pick<EventRow, "attributes">, dataBytes: number): number {
  return dataBytes + 2 * (attributes?.length ?? 0) + 1_024;
}
