/** Rows of `event` to records of the domain. */

import type { AttributeValue, StoredEvent } from "../../domain/event.ts";
import { idOfKey } from "./ids.ts";
import { readJson } from "./json-column.ts";
import type { KeySequence } from "./key-sequence.ts";

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

/** A row of `event`, whole. */
export interface FullEventRow extends EventRow {
  readonly checksum: number | null;
  readonly data: Uint8Array | null;
}

/** The columns of a FullEventRow. */
export const fullEventColumns = `${eventColumns}, data, checksum`;

/** An event of a row; without the column its data are `null`. */
export function eventOf(row: EventRow | FullEventRow, keys: Pick<KeySequence, "timeOf">): StoredEvent {
  return {
    id: row.event_id,
    position: idOfKey(row.id),
    type: row.type,
    sourceService: row.source_service,
    subject: row.subject,
    time: row.time_s === null || row.time_ns === null ? null : { seconds: row.time_s, nanos: row.time_ns },
    data: "data" in row ? row.data : null,
    correlationId: row.correlation_id,
    causationId: row.causation_id,
    attributes: readJson<Record<string, AttributeValue>>(row.attributes),
    publishMs: keys.timeOf(row.id),
  };
}
