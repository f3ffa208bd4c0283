import { causedBy, handle, TerminalError } from "sitq/client";
import { answersNothing, numberOf, type Service, type ServiceContext, work } from "./service-context.ts";
import { charge, paymentProcessed, refund } from "./shop.ts";

/** One charge in this many fails at first, like a payment provider that does not answer. */
const failsOneIn = 10;
/** One customer in this many has no money. */
const declinesOneIn = 25;

/** Charges customers. It fails at times. */
export function createPayment({ publisher }: ServiceContext): Service {
  return {
    handlers: [
      handle(charge, async ({ orderId, cents }, { signal, task }) => {
        await work(signal);
        const number = numberOf(orderId);
        if (number % declinesOneIn === 7) throw new TerminalError("the card was declined");
        if (number % failsOneIn === 3 && task.attempt === 1) throw new Error("the payment provider did not answer");
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
