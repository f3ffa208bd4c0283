import { awaitWorkflow, type SitqClient, WorkflowFailedError } from "sitq/client";
import type { PlacedOrder } from "./order-service.ts";

/** Follows the workflows of orders until they have come to rest. */
export interface Following {
  /** An order was placed. */
  placed(order: PlacedOrder): void;
  /** How many calls each instance of the order service has answered. */
  readonly servedBy: ReadonlyMap<string, number>;
  /** Fulfilled when this share of all orders, from 0 to 1, is through; rejected when one cannot be followed. */
  reached(share: number): Promise<void>;
}

/** Follows `total` orders. @param onThrough called with how many are through, with each */
export function followOrders(client: SitqClient, total: number, onThrough: (through: number) => void): Following {
  const servedBy = new Map<string, number>();
  const waiting = new Set<{ readonly count: number; resolve(): void; reject(error: unknown): void }>();
  let through = 0;

  async function follow(workflowId: string): Promise<void> {
    try {
      await awaitWorkflow(client, workflowId);
    } catch (error) {
      // Failed and undone is an end like any other; the report tells.
      if (!(error instanceof WorkflowFailedError)) {
        for (const waiter of waiting) waiter.reject(error);
        return;
      }
    }
    through++;
    onThrough(through);
    for (const waiter of waiting) if (through >= waiter.count) waiter.resolve();
  }

  return {
    servedBy,
    placed({ workflowId, servedBy: instance }) {
      servedBy.set(instance, (servedBy.get(instance) ?? 0) + 1);
      void follow(workflowId);
    },
    reached(share) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const count = Math.ceil(total * share);
      waiting.add({ count, resolve, reject });
      if (through >= count) resolve();
      return promise;
    },
  };
}
