import type { Event, EventFilter } from "../../client/index.ts";
import { counted } from "../terminal/numbers.ts";
import { printable } from "../terminal/printable.ts";

/** How many subscriptions an event was delivered to, as a sentence. */
export function toldWords(deliveredTo: number): string {
  if (deliveredTo === 0) return "Not delivered: no subscription matched when it was published.";
  return `Delivered to ${counted(deliveredTo, "subscription")}.`;
}

/** The attributes of an event: `tenant=acme`. */
export function attributeWords({ attributes }: Event): string[] {
  return Object.entries(attributes).map(([name, { kind }]) => `${name}=${printable(String(kind.value))}`);
}

/** A filter in words: `order.*, parcel.sent  subject=7`; for one that means everything, `everything`. */
export function filterWords(filter: EventFilter | undefined): string {
  const { types = [], sourceService = "", subject = "", correlationId = "", attributes = {} } = filter ?? {};
  const parts = [
    types.join(", "),
    sourceService === "" ? "" : `source=${printable(sourceService)}`,
    subject === "" ? "" : `subject=${printable(subject)}`,
    correlationId === "" ? "" : `correlation id=${printable(correlationId)}`,
    ...Object.entries(attributes).map(([name, value]) => `${name}=${printable(value)}`),
  ];
  return parts.filter((part) => part !== "").join("  ") || "everything";
}
