import type { Clock } from "../domain/clock.ts";
import type { SitqError } from "../domain/errors.ts";
import type { NewEvent, StoredEvent } from "../domain/events/event.ts";
import { eventIdReused } from "../domain/refusals/events.ts";
import type { Admission } from "../store/admission.ts";
import type { EventStore, PublishAnswer } from "../store/event-store.ts";

/** An event that was stored by this call, or that was there. */
export interface Published {
  readonly created: boolean;
  /** Without data and attributes. */
  readonly event: StoredEvent;
  /** How many subscriptions it was delivered to when it was stored. */
  readonly deliveredTo: number;
}

/** What publishers do. */
export interface EventPublisher {
  /** Stores events with their deliveries in one transaction and answers, or refuses, each one, in order. @throws SitqError OVERLOADED */
  publish(events: readonly NewEvent[]): Promise<(Published | SitqError)[]>;
}

/** @param onPublished called after each commit that stored events */
export function createEventPublisher(
  store: EventStore,
  admission: Admission,
  clock: Clock,
  onPublished: () => void,
): EventPublisher {
  return {
    async publish(events) {
      const bytes = events.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
      const answers = await admission.admit(events.length, bytes, () => store.publish(events, clock.now()));
      if (answers.some(({ status }) => status === "created")) onPublished();
      return answers.map((answer, index) => {
        const event = events[index];
        if (event === undefined) throw new Error("an answer without a question");
        return publishedOf(event, answer);
      });
    },
  };
}

function publishedOf({ id, sourceService }: NewEvent, answer: PublishAnswer): Published | SitqError {
  switch (answer.status) {
    case "created":
    case "existing":
      return { created: answer.status === "created", event: answer.event, deliveredTo: answer.deliveredTo };
    case "event_id_reused":
      return eventIdReused(id ?? "", sourceService, answer.position);
  }
}
