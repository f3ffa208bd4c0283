import { type Subscription, SubscriptionSchema } from "../../client/index.ts";
import type { Session } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import { subscriptionTable } from "./subscription-table.ts";

/** Prints one subscription. */
export async function printSubscription({ out }: Session, subscription: Subscription | undefined): Promise<void> {
  if (subscription === undefined) return;
  if (out.asJson) return out.json(messageJson(SubscriptionSchema, subscription));
  await out.line(subscriptionTable([subscription], out.layout));
}
