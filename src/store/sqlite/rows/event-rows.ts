import { mixed, textSum, withBytes, withNumber } from "./checksums.ts";
/** Rows of `event` to records of the domain. */

import type { AttributeValue } from "../../../contract/json-value.ts";
import type { StoredEvent } from "../../../domain/events/event.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { KeySequence } from "../../../domain/key-sequence.ts";
import { readJson, textOf } from "../../rows/json-column.ts";
import { isSound } from "./checksums.ts";
import type { Damages } from "./damages.ts";

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

/**
 * An event of a row as it is read; nothing of its content leaves a row that is not as it was stored. The hand-out, which compares
 * more than the event and refuses it, uses eventOf.
 */
export function readEventOf(row: FullEventRow, keys: Pick<KeySequence, "timeOf">, damages: Damages): StoredEvent {
  if (isReadable(row)) return eventOf(row, keys);
  damages.leftOut(`event ${idOfKey(row.id)}`);
  return {
    ...eventOf(row, keys),
    time: null,
    data: null,
    attributes: null,
    damagedFields: ["data", "attributes"],
  };
}

/** Whether an event is as it was stored; of one without a checksum, whether it can be read at all. */
export function isReadable(row: FullEventRow): boolean {
  if (row.checksum !== null) return isSound(row, eventChecksum);
  const { event_id, source_service, type, subject, correlation_id, causation_id, attributes, data } = row;
  const texts = [event_id, source_service, type, subject, correlation_id, causation_id, attributes];
  return (
    texts.every((text) => text === null || typeof text === "string") &&
    (data === null || data instanceof Uint8Array) &&
    (attributes === null || areAttributes(readJson(attributes)))
  );
}

function areAttributes(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((each) => ["string", "number", "boolean"].includes(typeof each));
}

/** An event of a row; without the column its data are `null`. */
export function eventOf(row: EventRow | FullEventRow, keys: Pick<KeySequence, "timeOf">): StoredEvent {
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

/** The checksum of an event. */
export function eventChecksum(event: Omit<FullEventRow, "delivered_to" | "checksum">): number {
  let sum = withNumber(withNumber(withNumber(0, event.id), event.time_s), event.time_ns);
  const { event_id, source_service, type, subject, correlation_id, causation_id, attributes } = event;
  for (const text of [event_id, source_service, type, subject, correlation_id, causation_id, attributes]) {
    sum = mixed(sum, textSum(text));
  }
  return withBytes(sum, event.data);
}
