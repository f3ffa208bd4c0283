import { type Subscription, SubscriptionState } from "../../../../gen/sitq/v1/event_service_pb.js";
import { msOf, span } from "../../ui/text.ts";

/** In what time nothing waits any more for a subscription, as the deliveries of the last minute went. */
export function CatchUp({ catchUpDuration, waitingCount, deliveryRate, state }: Subscription) {
  const ms = msOf(catchUpDuration);
  if (ms !== null) return ms === 0 ? "–" : span(ms);
  if (state === SubscriptionState.PAUSED) return "paused";
  if (waitingCount === 0n) return "not known";
  return deliveryRate === 0 ? "nothing is delivered" : "falls behind";
}
