/** What the services of the shop ask of each other, and what they tell each other. */

import { jsonTask, workflow } from "sitq/client";
import type { Order } from "../orders/order.ts";

/** The services; each has a queue of its name. */
export const serviceNames = ["order", "inventory", "payment", "shipping", "notification"] as const;

/** A service of the shop. */
export type ServiceName = (typeof serviceNames)[number];

interface OfOrder {
  readonly orderId: string;
}

/** What is taken from the shelves for an order, and put back. */
export type Reservation = OfOrder & { readonly lines: Order["lines"] };
/** What a customer pays, and is paid back. */
export type Charge = OfOrder & { readonly customer: string; readonly cents: number };
/** What a carrier is asked for, and called off. */
export type Shipment = OfOrder & { readonly city: string; readonly items: number };
/** What makes an order good. */
export type Confirmation = OfOrder & { readonly invoice: string; readonly parcel: string };

// What the services do for an order, and how they undo it.
export const reserve = jsonTask<Reservation, { items: number }>("reserve", { queue: "inventory" });
export const putBack = jsonTask<Reservation>("put-back", { queue: "inventory" });
export const charge = jsonTask<Charge, { invoice: string }>("charge", { queue: "payment" });
export const refund = jsonTask<Charge>("refund", { queue: "payment" });
export const schedule = jsonTask<Shipment, { parcel: string; weighedBy: string }>("schedule", { queue: "shipping" });
export const callOff = jsonTask<Shipment>("call-off", { queue: "shipping" });
export const confirm = jsonTask<Confirmation>("confirm", { queue: "order" });

/** The life of an order. Whatever was done is undone if a later step fails for good. */
export const placeOrder = workflow("place-order")
  .step("reserve", reserve, { orderId: "${input.id}", lines: "${input.lines}" }, { compensateWith: putBack })
  .step(
    "charge",
    charge,
    { orderId: "${input.id}", customer: "${input.customer}", cents: "${input.total_cents}" },
    { dependsOn: ["reserve"], compensateWith: refund, retryPolicy: { initialBackoffMs: 50 } },
  )
  .step(
    "schedule",
    schedule,
    { orderId: "${input.id}", city: "${input.city}", items: "${results.reserve.items}" },
    { dependsOn: ["charge"], compensateWith: callOff },
  )
  .step(
    "confirm",
    confirm,
    { orderId: "${input.id}", invoice: "${results.charge.invoice}", parcel: "${results.schedule.parcel}" },
    { dependsOn: ["schedule"] },
  );

// The events that the services publish.
export const orderCreated = jsonTask<OfOrder & { customer: string }>("order.created");
export const inventoryUpdated = jsonTask<OfOrder & { items: number }>("inventory.updated");
export const paymentProcessed = jsonTask<OfOrder & { invoice: string; cents: number }>("payment.processed");
export const shippingScheduled = jsonTask<OfOrder & { parcel: string }>("shipping.scheduled");

/** Who wants to know what: each subscription's deliveries are tasks of a service's queue. */
export const subscriptions = [
  {
    name: "mails",
    queue: "notification",
    types: ["order.created", "payment.processed", "shipping.scheduled"],
    // A customer gets the mails of an order in order.
    orderingKey: "subject",
  },
  { name: "restocking", queue: "inventory", types: ["inventory.*"], orderingKey: "" },
  { name: "bookkeeping", queue: "payment", types: ["payment.*"], orderingKey: "" },
  { name: "tracking", queue: "order", types: ["shipping.scheduled"], orderingKey: "subject" },
] as const;
