import { type Subscription, SubscriptionState } from "../../client/index.ts";
import { filterWords } from "./event-words.ts";
import type { Paint } from "./paint.ts";
import { clipped } from "./printable.ts";
import { type Column, tableText } from "./table.ts";
import { msOf, roughly } from "./times.ts";

/** Subscriptions, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function subscriptionTable(
  subscriptions: readonly Subscription[],
  paint: Paint,
  nowMs: number = Date.now(),
): string {
  const age = ({ createTime }: Subscription) => roughly(nowMs - (msOf(createTime) ?? nowMs));
  const columns: readonly Column<Subscription>[] = [
    { title: "SUBSCRIPTION", cell: ({ name }) => name },
    { title: "QUEUE", cell: ({ queue }) => queue },
    { title: "EVENTS", cell: ({ filter }) => clipped(filterWords(filter), 60) },
    { title: "ORDERED BY", cell: ({ orderingKey }) => orderingKey },
    { title: "STATE", cell: (subscription) => stateWords(subscription, paint) },
    { title: "AGE", cell: age, align: "right" },
  ];
  return tableText(columns, subscriptions, paint);
}

function stateWords({ state, position }: Subscription, paint: Paint): string {
  switch (state) {
    case SubscriptionState.LIVE:
      return paint.good("live");
    case SubscriptionState.CATCHING_UP:
      return paint.warning(`catching up, behind ${position}`);
    case SubscriptionState.UNSPECIFIED:
      return "";
  }
}
