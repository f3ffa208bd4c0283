/**
 * The deliveries of a subscription. Of those with one ordering key that are unfinished at most one is not BLOCKED, and it is the
 * oldest that can be. Once the subscription has ended, what runs goes on to the end of its attempt, and what waits is cancelled.
 */

import { isFinished, isWaiting, type TaskState, taskStates } from "./task.ts";

/**
 * Where a delivery waits.
 *
 * @param orderingKey `null`: it has none, and waits for no other
 * @param isKeyBusy whether an unfinished delivery has the key
 */
export function placeOf(orderingKey: string | null, isKeyBusy: (key: string) => boolean): "pending" | "blocked" {
  return orderingKey !== null && isKeyBusy(orderingKey) ? "blocked" : "pending";
}

/** Whether the move of a delivery may let the next one of its key go; `null`: it is deleted. */
export function mayLetNextGo(to: TaskState | null): boolean {
  return to === null || isFinished(to);
}

/** Whether a move brings a delivery back in line, which one of an ended subscription does not come: no worker may be left for it. */
export function isBackInLine(from: TaskState, to: TaskState | null): boolean {
  return from === "running" && (to === "pending" || to === "scheduled");
}

/** How many deliveries of one subscription a queue holds. */
export interface DeliveryCounts {
  waiting: number;
  running: number;
  failed: number;
}

/** What a delivery in this state counts as; `null`: it is completed or cancelled, and not counted. */
export function deliveryCountOf(state: TaskState): keyof DeliveryCounts | null {
  if (isWaiting(state)) return "waiting";
  return state === "running" || state === "failed" ? state : null;
}

/** How many deliveries of each subscription there are, by the subscription's number; none that has none. */
export type SubscriptionCounts = Map<number, DeliveryCounts>;

/** Counts the move of a delivery; `null` is outside. */
export function moveDelivery(
  deliveries: SubscriptionCounts,
  subscription: number,
  from: TaskState | null,
  to: TaskState | null,
): void {
  const counts = deliveries.get(subscription) ?? { waiting: 0, running: 0, failed: 0 };
  deliveries.set(subscription, counts);
  const before = from === null ? null : deliveryCountOf(from);
  const after = to === null ? null : deliveryCountOf(to);
  if (before !== null) counts[before]--;
  if (after !== null) counts[after]++;
  else if (counts.waiting + counts.running + counts.failed === 0) deliveries.delete(subscription);
}

/** Whether any count of a queue is below zero, which is wrong. */
export function isBelowZero({
  counts,
  deliveries,
}: {
  readonly counts: Readonly<Record<TaskState, number>>;
  readonly deliveries: SubscriptionCounts;
}): boolean {
  for (const state of taskStates) if (counts[state] < 0) return true;
  for (const { waiting, running, failed } of deliveries.values())
    if (waiting < 0 || running < 0 || failed < 0) return true;
  return false;
}

/** Counts deliveries that are found in a state. */
export function addDeliveries(deliveries: SubscriptionCounts, subscription: number, state: TaskState, n: number): void {
  const counted = deliveryCountOf(state);
  if (counted === null) return;
  const known = deliveries.get(subscription) ?? { waiting: 0, running: 0, failed: 0 };
  deliveries.set(subscription, { ...known, [counted]: known[counted] + n });
}
