/** Short words for events and their deliveries, in tests of stores. */

import { expect } from "vitest";
import type { EventFilter, EventStart, NewEvent, NewSubscription, StoredEvent } from "../../src/domain/events/event.ts";
import type { ClaimedTask } from "../../src/domain/tasks/task.ts";
import type { EventRecord, PublishAnswer } from "../../src/store/event-store.ts";
import type { Store } from "../../src/store/store.ts";
import { everyEvent, newEvent, newSubscription } from "../harness/calls/builders.ts";
import type { StoreHarness } from "./store-harness.ts";

const mostSteps = 10_000;

/** Makes a subscription that must be new; by default to all that comes from now on. */
export async function subscribe(
  harness: StoreHarness,
  subscription: Partial<NewSubscription> = {},
  start: EventStart = { kind: "now" },
): Promise<void> {
  const answer = await harness.store.createSubscription(newSubscription(subscription), start, harness.now);
  expect(answer).toMatchObject({ status: "created" });
}

/** Publishes events with these ids; they must be new. */
export async function publish(
  harness: StoreHarness,
  ids: readonly string[],
  changes: Partial<NewEvent> = {},
): Promise<StoredEvent[]> {
  const answers = await harness.store.publish(
    ids.map((id) => newEvent({ ...changes, id })),
    harness.now,
  );
  return answers.map((answer) => createdEvent(answer));
}

/** The event of an answer that must have stored one. */
export function createdEvent(answer: PublishAnswer | undefined): StoredEvent {
  if (answer?.status !== "created") throw new Error(`not created: ${JSON.stringify(answer)}`);
  return answer.event;
}

/** An event that must be there, with its report. */
export async function readEvent(
  harness: StoreHarness,
  id: string,
  sourceService: string | null = null,
): Promise<EventRecord> {
  const found = await harness.store.getEvent(id, sourceService, 1_000);
  if (found === null) throw new Error(`no event ${id}`);
  return found;
}

/** Brings every subscription to the newest event; answers how many steps it took. */
export async function catchUp(store: Store, nowMs: number): Promise<number> {
  for (let steps = 1; steps < mostSteps; steps++) {
    if (!(await store.catchUp(nowMs)).isBehind) return steps;
  }
  throw new Error("it never catches up");
}

/** Claims all that may be claimed of a queue. */
export async function claimAll(harness: StoreHarness, queue = "mail"): Promise<readonly ClaimedTask[]> {
  const claimed: ClaimedTask[] = [];
  for (;;) {
    const { tasks } = await harness.claim(100, { queue });
    if (tasks.length === 0) return claimed;
    claimed.push(...tasks);
  }
}

/** The ids of the events that tasks deliver. */
export function eventIds(tasks: readonly { readonly event: StoredEvent | null }[]): (string | undefined)[] {
  return tasks.map(({ event }) => event?.id);
}

/** Everything behind a position that matches, read page by page. */
export async function readAllEvents(
  store: Store,
  after: string,
  {
    filter = {},
    limit = 100,
    maxBytes = 1_000_000,
  }: { filter?: Partial<EventFilter>; limit?: number; maxBytes?: number } = {},
): Promise<{ readonly events: StoredEvent[]; readonly position: string; readonly pages: number }> {
  const events: StoredEvent[] = [];
  let position = after;
  for (let pages = 1; pages < mostSteps; pages++) {
    const query = { filter: { ...everyEvent, ...filter }, after: position, limit, maxBytes };
    const page = await store.readEvents(query);
    expect(page.events.length).toBeLessThanOrEqual(limit);
    expect(page.position >= position).toBe(true);
    events.push(...page.events);
    position = page.position;
    if (page.isEnd) return { events, position, pages };
  }
  throw new Error("the events do not end");
}

/** Where a start lies; it must not be expired. */
export async function placeOf(store: Store, start: EventStart): Promise<string> {
  const answer = await store.findStart(start);
  if (answer.status !== "found") throw new Error(`expired: ${JSON.stringify(start)}`);
  return answer.position;
}

/** One round of the retention of events; answers how many it deleted. */
export async function sweepEventsRound(store: Store, beforeMs: number): Promise<number> {
  let deleted = 0;
  let after: string | null = null;
  for (let steps = 1; steps < mostSteps; steps++) {
    const step: Awaited<ReturnType<Store["sweepEvents"]>> = await store.sweepEvents(after, beforeMs);
    deleted += step.deleted;
    if (step.nextCursor === null) return deleted;
    if (after !== null) expect(step.nextCursor > after).toBe(true);
    after = step.nextCursor;
  }
  throw new Error("the round does not end");
}

/** The names of all subscriptions. */
export async function subscriptionNames(harness: StoreHarness): Promise<string[]> {
  return (await harness.store.listSubscriptions(null, 100)).map(({ name }) => name);
}

/** Ends a subscription to the last delivery; answers the sums. */
export async function endSubscription(harness: StoreHarness, name: string) {
  const subscription = await harness.store.endSubscription(name);
  if (subscription === null) throw new Error(`no subscription ${name}`);
  const sum = { cancelled: 0, running: 0, steps: 0 };
  for (;;) {
    const step = await harness.store.endDeliveries(subscription, harness.now);
    sum.cancelled += step.cancelled;
    sum.running += step.running;
    sum.steps++;
    if (step.isDone) return sum;
  }
}
