import type { Delivery, Event } from "../../client/index.ts";
import { errorLine, paintedState } from "../tasks/output/task-words.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { damagedText, fieldText, payloadLine } from "../terminal/payload-text.ts";
import { clipped, printable } from "../terminal/printable.ts";
import { type Column, factsText, tableText } from "../terminal/table.ts";
import { ago, msOf, timeWithAge } from "../terminal/times.ts";
import { attributeWords, toldWords } from "./event-words.ts";

/** What GetEvent answers. */
export interface EventReport {
  readonly event: Event;
  readonly deliveredTo: number;
  readonly deliveries: readonly Delivery[];
  /** The caller may not see its content. Default false. */
  readonly isHidden?: boolean;
}

/** All that is known of an event, for people. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function eventDetails(
  { event, deliveredTo, deliveries, isHidden = false }: EventReport,
  layout: Layout,
  nowMs: number = Date.now(),
): string {
  const { paint } = layout;
  const told = toldWords(deliveredTo);
  const parts = [
    factsText(factsOf(event, paint, nowMs), paint),
    `${paint.bold("Data")}\n${fieldText(event.data, "data", { damagedFields: event.damagedFields, isHidden })}`,
    `${paint.bold("Deliveries")}\n${deliveredTo === 0 ? paint.warning(told) : told}`,
  ];
  const table = deliveries.length === 0 ? "" : `\n${deliveryTable(deliveries, layout, nowMs)}`;
  return `${parts.join("\n\n")}${table}`;
}

function factsOf(event: Event, paint: Paint, nowMs: number): (readonly [string, string])[] {
  return [
    ["Event", paint.bold(printable(event.id))],
    ["Damaged", event.damagedFields.length === 0 ? "" : paint.warning("on the disk: values shown may be wrong")],
    ["Type", printable(event.type)],
    ["Source", printable(event.sourceService)],
    ["Subject", printable(event.subject)],
    ["Happened", timeWithAge(event.time, nowMs)],
    ["Published", timeWithAge(event.publishTime, nowMs)],
    ["Position", event.position],
    ["Correlation id", printable(event.correlationId)],
    ["Caused by", printable(event.causationId)],
    ["Attributes", event.damagedFields.includes("attributes") ? damagedText : attributeWords(event).join("\n")],
  ];
}

function deliveryTable(deliveries: readonly Delivery[], layout: Layout, nowMs: number): string {
  const columns: readonly Column<Delivery>[] = [
    { title: "SUBSCRIPTION", cell: ({ subscription }) => subscription, least: 12 },
    { title: "TASK", cell: ({ taskId }) => taskId },
    { title: "STATE", cell: ({ state }) => paintedState(state, layout.paint) },
    { title: "ATTEMPT", cell: ({ attempt, maxAttempts }) => `${attempt}/${maxAttempts}`, align: "right" },
    { title: "FINISHED", cell: ({ finishTime }) => agoOf(msOf(finishTime), nowMs), align: "right" },
    { title: "RESULT OR ERROR", cell: (delivery) => outcomeOf(delivery, nowMs), least: 20 },
  ];
  return tableText(columns, deliveries, layout);
}

function agoOf(atMs: number | null, nowMs: number): string {
  return atMs === null ? "" : ago(atMs, nowMs);
}

function outcomeOf({ result, lastError, scheduleTime, damagedFields }: Delivery, nowMs: number): string {
  if (damagedFields.length > 0) return damagedText;
  if (result !== undefined) return clipped(payloadLine(result), 80);
  const dueMs = msOf(scheduleTime);
  const due = dueMs === null ? "" : `due ${ago(dueMs, nowMs)}`;
  return clipped([due, errorLine(lastError)].filter((part) => part !== "").join(", after "), 80);
}
