import type { Event } from "../../client/index.ts";
import type { Paint } from "../terminal/paint.ts";
import { damagedText, payloadLine } from "../terminal/payload-text.ts";
import { clipped, printable } from "../terminal/printable.ts";
import { msOf, timeOfDay } from "../terminal/times.ts";

/** An event in one line, as it comes. */
export function eventLine(event: Event, paint: Paint): string {
  const atMs = msOf(event.publishTime);
  const parts = [
    paint.dim(atMs === null ? "" : timeOfDay(atMs)),
    event.position,
    paint.bold(printable(event.type)),
    printable(event.id),
    printable(event.sourceService),
    printable(event.subject),
    event.damagedFields.length === 0 ? "" : paint.warning(damagedText),
    event.data === undefined ? "" : clipped(payloadLine(event.data), 80),
    event.correlationId === "" ? "" : paint.dim(printable(event.correlationId)),
  ];
  return parts.filter((part) => part !== "").join("  ");
}
