import { causedBy, handle, TerminalError } from "sitq/client";
import { connectDirectly } from "./direct-call.ts";
import type { Weight } from "./inventory.ts";
import { answersNothing, numberOf, type Service, type ServiceContext, work } from "./service-context.ts";
import { callOff, schedule, shippingScheduled } from "./shop.ts";

/** One order in this many goes where no carrier goes. */
const refusesOneIn = 50;

/** Whether no carrier goes where an order has to go. */
export function hasNoCarrier(orderId: string): boolean {
  return numberOf(orderId) % refusesOneIn === 13;
}

/** Books carriers. It asks inventory, whichever of its instances is there, for the weight of things. */
export function createShipping({ publisher }: ServiceContext): Service {
  const inventory = connectDirectly("sitq:///inventory");
  return {
    handlers: [
      handle(schedule, async ({ orderId, city, items }, { signal, task }) => {
        await work(signal);
        if (hasNoCarrier(orderId)) throw new TerminalError(`no carrier goes to ${city}`);
        const { grams, weighedBy } = (await inventory.ask(items)) as Weight;
        const parcel = `${city.toLowerCase()}/${orderId}/${grams}g`;
        const what = { id: `${task.id}-scheduled`, subject: orderId, ...causedBy(task) };
        await publisher.publish(shippingScheduled, { orderId, parcel }, what);
        return { parcel, weighedBy };
      }),
      handle(callOff, (_, { signal }) => work(signal)),
    ],
    answer: answersNothing,
    close: () => inventory.close(),
  };
}
