import { limits } from "../contract/limits.ts";
import { eventNotFound } from "../domain/refusals/events.ts";
import type { EventListQuery, EventRecord, EventStore } from "../store/event-store.ts";

/** How the delivery of an event to one subscription stands. */
export type Delivery = EventRecord["deliveries"][number];

/** What people ask of events that were published. */
export interface EventReads {
  /**
   * Reads an event with its delivery report.
   *
   * @param sourceService `null`: the newest event with this id, whatever its source
   * @throws SitqError EVENT_NOT_FOUND
   */
  get(id: string, sourceService: string | null): Promise<EventRecord>;
  list(query: EventListQuery): ReturnType<EventStore["listEvents"]>;
}

/** Creates the reads over a store. */
export function createEventReads(store: EventStore): EventReads {
  return {
    async get(id, sourceService) {
      const found = await store.getEvent(id, sourceService, limits.reportedDeliveries);
      if (found !== null) return found;
      throw eventNotFound(id, sourceService);
    },

    list: (query) => store.listEvents(query),
  };
}
