import { type EventFacts, orderingKeyOf } from "../../../domain/events/event-filter.ts";
import type { KnownSubscription } from "../../rows/subscription-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { insertTasks, type TaskInsertion } from "../tasks/insert-tasks.ts";
import { type Ordering, orderingColumn } from "../tasks/ordering.ts";

/** A delivery that is to be stored. */
export interface NewDelivery {
  /** Of its task. */
  readonly key: number;
  readonly eventKey: number;
  /** The facts of the event that it takes over. */
  readonly event: EventFacts;
  readonly to: KnownSubscription;
}

/** Stores deliveries of events to subscriptions, in their order: tasks that have the events' data for their payloads. */
export type Deliver = (deliveries: readonly NewDelivery[], nowMs: number) => Promise<void>;

/** Creates the deliveries. They ignore the depth limit of their queue: the event is stored already. */
export function createDeliver({ db, queues, changes }: Engine, ordering: Ordering): Deliver {
  return async (deliveries, nowMs) => {
    if (deliveries.length === 0) return;
    const known = await queues.ensure(
      deliveries.map(({ to }) => to.content.queue),
      nowMs,
    );
    const wishes = deliveries.map(({ event, to }) => {
      return { subscriptionId: to.id, orderingKey: orderingColumn(orderingKeyOf(event, to.content.orderingKey)) };
    });
    const places = await ordering.placesFor(wishes);
    const tasks = deliveries.map(({ key, eventKey, event, to }, index): TaskInsertion => {
      const queue = known.get(to.content.queue);
      const [wish, state] = [wishes[index], places[index]];
      if (queue === undefined || wish === undefined || state === undefined) throw new Error("a delivery has no place");
      queues.move(queue.id, null, state, to.id);
      if (state === "pending") changes.noteReady(queue.name);
      const { type, correlationId, sourceService } = event;
      return {
        key,
        queueId: queue.id,
        state,
        type,
        correlationId,
        sourceService,
        options: to.options,
        eventKey,
        ...wish,
      };
    });
    await insertTasks(db, tasks);
    for (const state of ["pending", "blocked"] as const) {
      const keys = tasks.filter((task) => task.state === state).map(({ key }) => key);
      await changes.note(keys, state, nowMs);
    }
  };
}
