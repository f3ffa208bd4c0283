import type { EventStore } from "../../src/store/event-store.ts";

const verbs = [
  "publish",
  "getEvent",
  "listEvents",
  "readEvents",
  "findStart",
  "createSubscription",
  "listSubscriptions",
  "replay",
  "endSubscription",
  "endDeliveries",
  "endingSubscriptions",
  "catchUp",
  "sweepEvents",
];

/** A store of which a test scripts some verbs; the others reject. */
export function stubStore(some: Partial<EventStore>): EventStore {
  const others = verbs.map((verb) => [verb, () => Promise.reject(new Error(`${verb} has no part in this test`))]);
  return { ...Object.fromEntries(others), ...some } as EventStore;
}
