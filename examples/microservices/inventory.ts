import { causedBy, handle } from "sitq/client";
import type { Order } from "../orders/order.ts";
import { type Service, type ServiceContext, work } from "./service-context.ts";
import { inventoryUpdated, putBack, reserve } from "./shop.ts";

/** What a parcel weighs, for shipping. */
export interface Weight {
  readonly grams: number;
  readonly weighedBy: string;
}

const gramsEach = 1_200;

/** Keeps the shelves, and answers what things weigh. */
export function createInventory({ publisher, instance }: ServiceContext): Service {
  const itemsOf = (lines: Order["lines"]) => lines.reduce((sum, { quantity }) => sum + quantity, 0);
  return {
    handlers: [
      handle(reserve, async ({ orderId, lines }, { signal, task }) => {
        await work(signal);
        const items = itemsOf(lines);
        const what = { id: `${task.id}-reserved`, subject: orderId, ...causedBy(task) };
        await publisher.publish(inventoryUpdated, { orderId, items: -items }, what);
        return { items };
      }),
      handle(putBack, async ({ orderId, lines }, { signal, task }) => {
        await work(signal);
        const what = { id: `${task.id}-put-back`, subject: orderId, ...causedBy(task) };
        await publisher.publish(inventoryUpdated, { orderId, items: itemsOf(lines) }, what);
      }),
      handle(inventoryUpdated, (_, { signal }) => work(signal)),
    ],
    answer: async (question): Promise<Weight> => ({ grams: Number(question) * gramsEach, weighedBy: instance }),
    close: () => undefined,
  };
}
