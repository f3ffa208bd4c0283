import type { SubscriptionCounts } from "../../domain/tasks/deliveries.ts";

/** A column that holds text; `null` where it holds none, or a flipped bit has made it bytes or a number. */
export function textOf(value: string | null): string | null {
  return typeof value === "string" ? value : null;
}

/** Reads a column that holds JSON; `null` where it holds none, or is damaged on the disk: a listing still shows the rest of its row. */
export function readJson<T>(text: string | null): T | null {
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** Counts as a column. */
export function deliveriesText(deliveries: SubscriptionCounts): string | null {
  if (deliveries.size === 0) return null;
  return JSON.stringify([...deliveries].map(([id, { waiting, running, failed }]) => [id, waiting, running, failed]));
}

/** The counts of a column; `null`: they cannot be read. */
export function deliveriesOf(text: string | null): SubscriptionCounts | null {
  const rows = text === null ? [] : readJson<unknown>(text);
  if (!Array.isArray(rows) || !rows.every(isDeliveryRow)) return null;
  return new Map(rows.map(([id, waiting, running, failed]) => [id, { waiting, running, failed }]));
}

function isDeliveryRow(row: unknown): row is [number, number, number, number] {
  return Array.isArray(row) && row.length === 4 && row.every(Number.isInteger);
}
