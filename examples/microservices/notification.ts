import { handle } from "sitq/client";
import { answersNothing, type Service, type ServiceContext, work } from "./service-context.ts";
import { orderCreated, paymentProcessed, shippingScheduled } from "./shop.ts";

/** Writes to customers whenever something happens to their orders. */
export function createNotification(_context: ServiceContext): Service {
  return {
    handlers: [orderCreated, paymentProcessed, shippingScheduled].map((event) =>
      handle<unknown, void>(event, (_, { signal }) => work(signal)),
    ),
    answer: answersNothing,
    close: () => undefined,
  };
}
