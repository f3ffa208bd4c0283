import { handle, startWorkflow } from "sitq/client";
import type { Order } from "../orders/order.ts";
import { type Service, type ServiceContext, work } from "./service-context.ts";
import { confirm, orderCreated, placeOrder, shippingScheduled } from "./shop.ts";

/** What the shop's front is answered when it places an order. */
export interface PlacedOrder {
  readonly workflowId: string;
  readonly servedBy: string;
}

/** Takes orders, sets their workflows off, and confirms them in the end. */
export function createOrderService({ client, publisher, instance }: ServiceContext): Service {
  return {
    handlers: [
      handle(confirm, (_, { signal }) => work(signal)),
      handle(shippingScheduled, (_, { signal }) => work(signal)),
    ],

    // A caller that asks again, since the answer was lost, places one order: both the event and the workflow have the order's name.
    async answer(question): Promise<PlacedOrder> {
      const order = question as Order;
      const { id: orderId, customer } = order;
      const [started] = await Promise.all([
        startWorkflow(client, placeOrder, { input: order, correlationId: orderId, requestId: `place-${orderId}` }),
        publisher.publish(
          orderCreated,
          { orderId, customer },
          { id: orderId, subject: orderId, correlationId: orderId },
        ),
      ]);
      return { workflowId: started.id, servedBy: instance };
    },

    close: () => undefined,
  };
}
