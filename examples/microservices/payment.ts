import { causedBy, handle, TerminalError } from "sitq/client";
import { answersNothing, numberOf, type Service, type ServiceContext, work } from "./service-context.ts";
import { charge, paymentProcessed, refund } from "./shop.ts";

/** One charge in this many fails at first, like a payment provider that does not answer. */
const failsOneIn = 10;
/** One customer in this many has no money. */
const declinesOneIn = 25;

/** Whether the customer of an order has no money. */
export function isDeclined(orderId: string): boolean {
  return numberOf(orderId) % declinesOneIn === 7;
}

/** Charges customers. It fails at times. */
export function createPayment({ publisher }: ServiceContext): Service {
  return {
    handlers: [
      handle(charge, async ({ orderId, cents }, { signal, task }) => {
        await work(signal);
        if (isDeclined(orderId)) throw new TerminalError("the card was declined");
        if (numberOf(orderId) % failsOneIn === 3 && task.attempt === 1)
          throw new Error("the payment provider did not answer");
        const invoice = `invoice-${orderId}`;
        const what = { id: `${task.id}-charged`, subject: orderId, ...causedBy(task) };
        await publisher.publish(paymentProcessed, { orderId, invoice, cents }, what);
        return { invoice };
      }),
      handle(refund, async ({ orderId, cents }, { signal, task }) => {
        await work(signal);
        const what = { id: `${task.id}-refunded`, subject: orderId, ...causedBy(task) };
        await publisher.publish(paymentProcessed, { orderId, invoice: `credit-${orderId}`, cents: -cents }, what);
      }),
      handle(paymentProcessed, (_, { signal }) => work(signal)),
    ],
    answer: answersNothing,
    close: () => undefined,
  };
}
