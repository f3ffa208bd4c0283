import type { QueueOrder } from "../domain/monitor/queue-order.ts";
import type { QueueRows } from "./queue-rows.ts";

/** The rows that are put in order. */
export type RankedRows = Pick<QueueRows, "get" | "names" | "orders">;

/** Whether the name of a queue holds a part, in upper or lower case alike. */
export function isNamed(name: string, part: string): boolean {
  return part === "" || name.toLowerCase().includes(part.toLowerCase());
}

/** Puts queues in order. @param names by name @param most no more are needed */
export function inQueueOrder(
  names: readonly string[],
  rows: Pick<RankedRows, "get">,
  order: QueueOrder,
  most = names.length,
): readonly string[] {
  if (order === "by_name") return names.slice(0, most);
  // There are few keys: to sort 10,000 names by them would cost 5 ms.
  const groups = Map.groupBy(names, (name) => rows.get(name)?.orderKey ?? Number.POSITIVE_INFINITY);
  const ranked: string[] = [];
  for (const [, group] of [...groups].sort(([a], [b]) => a - b)) {
    for (const name of group) if (ranked.push(name) >= most) return ranked;
  }
  return ranked;
}
