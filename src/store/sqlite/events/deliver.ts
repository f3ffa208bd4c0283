import type { EventFacts } from "../../../domain/events/event-filter.ts";
import { orderingKeyOf } from "../../../domain/events/event-filter.ts";
import type { Engine } from "../engine/engine.ts";
import type { SubscriptionEntry } from "../rows/subscription-table.ts";
import { createTaskInsert } from "../tasks/insert-task.ts";
import type { Ordering } from "../tasks/ordering.ts";

/** The facts of an event that its deliveries take over. */
export type DeliveredEvent = EventFacts & { readonly key: number };

/** Stores the delivery of an event to a subscription: a task that has the event's data for its payload. */
export type Deliver = (event: DeliveredEvent, to: SubscriptionEntry, nowMs: number) => void;

/** Creates the deliveries of an open database. They ignore the depth limit of their queue: the event is stored already. */
export function createDeliver({ db, queues, changes, keys }: Engine, ordering: Ordering): Deliver {
  const insert = createTaskInsert(db);
  return (event, { id: subscriptionId, content, options }, nowMs) => {
    const queue = queues.ensure(content.queue, nowMs);
    const orderingKey = orderingKeyOf(event, content.orderingKey);
    const state = ordering.placeFor(subscriptionId, orderingKey);
    const key = keys.next(nowMs);
    insert({
      key,
      queueId: queue.id,
      state,
      type: event.type,
      correlationId: event.correlationId,
      sourceService: event.sourceService,
      options,
      eventKey: event.key,
      subscriptionId,
      orderingKey,
    });
    queues.move(queue, null, state, subscriptionId, { priority: 0, ready_key: key });
    changes.note(key, state, nowMs);
    if (state === "pending") changes.noteReady(queue.name);
  };
}
