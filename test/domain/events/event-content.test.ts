import { expect, test } from "vitest";
import { type EventContent, isSameEvent } from "../../../src/domain/events/same-event.ts";
import { firstDifference } from "../../../src/domain/events/subscription-content.ts";
import { newSubscription } from "../../harness/calls/builders.ts";

const event: EventContent = {
  type: "order.created",
  subject: null,
  time: { seconds: 1, nanos: 2 },
  data: Uint8Array.of(1),
  correlationId: null,
  causationId: null,
  attributes: null,
};

test("a repeat of an event says the same in every field", () => {
  expect(isSameEvent(event, { ...event, time: { seconds: 1, nanos: 2 } })).toBe(true);
  expect(isSameEvent({ ...event, time: null }, { ...event, time: null })).toBe(true);
  const others: readonly Partial<EventContent>[] = [
    { type: "order.paid" },
    { subject: "s" },
    { time: null },
    { time: { seconds: 1, nanos: 3 } },
    { data: null },
    { correlationId: "c" },
    { causationId: "c" },
    { attributes: '{"a":"1"}' },
  ];
  for (const change of others) expect(isSameEvent(event, { ...event, ...change })).toBe(false);
});

test("a repeat of an event may be part of another trace", () => {
  expect(isSameEvent(event, { ...event, attributes: '{"traceparent":"00-1","tracestate":"x=1"}' })).toBe(true);
  const tenant = { ...event, attributes: '{"tenant":"acme","traceparent":"00-1"}' };
  expect(isSameEvent(tenant, { ...event, attributes: '{"tenant":"acme"}' })).toBe(true);
  expect(isSameEvent(tenant, { ...event, attributes: '{"tenant":"else","traceparent":"00-1"}' })).toBe(false);
});

test("requests to subscribe differ in the first field that is another, however its parts are ordered", () => {
  const subscription = newSubscription({ retryPolicy: { jitter: 0, multiplier: 2 } });
  expect(firstDifference(subscription, { ...subscription, retryPolicy: { multiplier: 2, jitter: 0 } })).toBeNull();
  expect(firstDifference(subscription, { ...subscription, queue: "other", maxAttempts: 99 })).toBe("queue");
  expect(firstDifference(subscription, { ...subscription, maxAttempts: 99 })).toBe("maxAttempts");
});
