/** What the shop does before its services work, and for its customers. */

import { registerSitqResolver, type SitqClient } from "sitq/client";
import type { Order } from "../orders/order.ts";
import { connectDirectly } from "./direct-call.ts";
import type { PlacedOrder } from "./order-service.ts";
import { subscriptions } from "./shop.ts";

/** How many orders are placed at a time. */
const lanes = 16;

/** Subscribes each service to the events that it wants to know. */
export async function subscribeAll(client: SitqClient): Promise<void> {
  for (const { name, queue, types, orderingKey } of subscriptions) {
    await client.event.createSubscription({
      subscription: { name, queue, filter: { types: [...types] }, orderingKey },
      start: { start: { case: "now", value: true } },
    });
  }
}

/** Places orders with whichever instance of the order service is there. @param onPlaced called with each that was placed */
export async function placeAll(
  client: SitqClient,
  orders: readonly Order[],
  onPlaced: (order: PlacedOrder) => void,
): Promise<void> {
  registerSitqResolver(client);
  const front = connectDirectly("sitq:///order");
  const waiting = [...orders];
  async function lane(): Promise<void> {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) {
      onPlaced((await front.ask(order)) as PlacedOrder);
    }
  }
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    front.close();
  }
}
