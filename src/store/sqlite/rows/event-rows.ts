/** Rows of `event` with their checksums. */

import type { StoredEvent } from "../../../domain/events/event.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { KeySequence } from "../../../domain/key-sequence.ts";
import { eventOf, type WholeEventRow, wholeEventColumns } from "../../rows/event-rows.ts";
import { readJson } from "../../rows/json-column.ts";
import { isSound, mixed, textSum, withBytes, withNumber } from "./checksums.ts";
import type { Damages } from "./damages.ts";

/** A row of `event`, whole. */
export interface FullEventRow extends WholeEventRow {
  readonly checksum: number | null;
}

/** The columns of a FullEventRow. */
export const fullEventColumns = `${wholeEventColumns}, checksum`;

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

/** The checksum of an event. */
export function eventChecksum(event: Omit<FullEventRow, "delivered_to" | "checksum">): number {
  let sum = withNumber(withNumber(withNumber(0, event.id), event.time_s), event.time_ns);
  const { event_id, source_service, type, subject, correlation_id, causation_id, attributes } = event;
  for (const text of [event_id, source_service, type, subject, correlation_id, causation_id, attributes]) {
    sum = mixed(sum, textSum(text));
  }
  return withBytes(sum, event.data);
}
