import { type Subscription, SubscriptionSchema } from "../client/index.ts";
import { messageJson } from "./output/json.ts";
import { subscriptionTable } from "./output/subscription-table.ts";
import type { Session } from "./session.ts";

/** Prints one subscription. */
export async function printSubscription({ out }: Session, subscription: Subscription | undefined): Promise<void> {
  if (subscription === undefined) return;
  if (out.asJson) return out.json(messageJson(SubscriptionSchema, subscription));
  await out.line(subscriptionTable([subscription], out.layout));
}
