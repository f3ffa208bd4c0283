import { readFileSync } from "node:fs";
import { jsonTask, type NewTask, newTask } from "sitq/client";

/** An order as it stands in the file. */
export interface Order {
  readonly id: string;
  readonly customer: string;
  readonly city: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly total_cents: number;
}

/** Reads the first orders of a file with one JSON object a line. */
export function readOrders(file: URL, most: number): Order[] {
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.slice(0, most).map((line) => JSON.parse(line) as Order);
}

/** What each service does for an order: the queue is the service's name. */
export const reserve = jsonTask<Order, { reserved: number }>("reserve", { queue: "inventory" });
export const ship = jsonTask<Order, { parcel: string }>("ship", { queue: "shipping" });
export const charge = jsonTask<Order, { invoice: string; cents: number }>("charge", { queue: "billing" });

/** The tasks of an order, one for each service, tied together by its id. */
export function tasksOf(order: Order): NewTask<unknown>[] {
  const options = { correlationId: order.id };
  return [newTask(reserve, order, options), newTask(ship, order, options), newTask(charge, order, options)];
}

/** The services, by name. */
export const serviceNames = ["inventory", "shipping", "billing"] as const;

/** A service of the shop. */
export type ServiceName = (typeof serviceNames)[number];
