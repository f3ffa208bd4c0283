import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Subscription, SubscriptionState } from "../../client/index.ts";
import { filterWords } from "../events/event-words.ts";
import type { Layout } from "../terminal/layout.ts";
import { grouped, perSecond } from "../terminal/numbers.ts";
import type { Paint } from "../terminal/paint.ts";
import { clipped } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { msOf, roughly } from "../terminal/times.ts";

/** Subscriptions, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function subscriptionTable(
  subscriptions: readonly Subscription[],
  layout: Layout,
  nowMs: number = Date.now(),
): string {
  const { paint } = layout;
  const age = ({ createTime }: Subscription) => roughly(nowMs - (msOf(createTime) ?? nowMs));
  const oldest = ({ oldestWaitingTime }: Subscription) => {
    const sinceMs = msOf(oldestWaitingTime);
    return sinceMs === null ? "-" : roughly(nowMs - sinceMs);
  };
  const columns: readonly Column<Subscription>[] = [
    { title: "SUBSCRIPTION", cell: ({ name }) => name, least: 12 },
    { title: "QUEUE", cell: ({ queue }) => queue, least: 10 },
    { title: "EVENTS", cell: ({ filter }) => clipped(filterWords(filter), 60), least: 14 },
    { title: "ORDERED BY", cell: ({ orderingKey }) => orderingKey, leaveOut: 1 },
    { title: "STATE", cell: (subscription) => stateWords(subscription, paint) },
    { title: "WAITING", cell: ({ waitingCount }) => grouped(waitingCount), align: "right" },
    { title: "OLDEST", cell: oldest, align: "right" },
    { title: "FAILED", cell: ({ failedCount }) => failedText(failedCount, paint), align: "right" },
    { title: "RATE", cell: ({ deliveryRate }) => perSecond(deliveryRate), align: "right" },
    { title: "CATCH-UP", cell: (subscription) => catchUpText(subscription, paint), align: "right" },
    { title: "AGE", cell: age, align: "right", leaveOut: 2 },
  ];
  return tableText(columns, subscriptions, layout);
}

/** A hint for subscriptions whose deliveries wait while none ends; empty if there are none. */
export function stalledHint(subscriptions: readonly Subscription[]): string {
  const stalled = subscriptions.filter(({ waitingCount, deliveryRate }) => waitingCount > 0n && deliveryRate === 0);
  const [first, ...others] = stalled;
  if (first === undefined) return "";
  const rest = others.length === 0 ? "" : ` and ${others.length} more`;
  return `No delivery of ${first.name}${rest} ended in the last minute. See its queue: sitq queue ${first.queue}`;
}

/** In what time nothing waits any more: `never` where more comes than ends, `?` where not all that is to come is counted. */
function catchUpText({ catchUpDuration, state }: Subscription, paint: Paint): string {
  if (catchUpDuration === undefined) return state === SubscriptionState.LIVE ? paint.warning("never") : "?";
  const ms = durationMs(catchUpDuration);
  return ms === 0 ? "-" : roughly(ms);
}

function failedText(failed: bigint, paint: Paint): string {
  return failed === 0n ? "0" : paint.bad(grouped(failed));
}

function stateWords({ state, position }: Subscription, paint: Paint): string {
  switch (state) {
    case SubscriptionState.LIVE:
      return paint.good("live");
    case SubscriptionState.CATCHING_UP:
      return paint.warning(`catching up, behind ${position}`);
    case SubscriptionState.PAUSED:
      return paint.warning("paused");
    case SubscriptionState.UNSPECIFIED:
      return "";
  }
}
