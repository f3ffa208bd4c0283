import type { NewSubscription } from "./event.ts";

const subscriptionFields = [
  "filter",
  "queue",
  "orderingKey",
  "maxAttempts",
  "retryPolicy",
  "attemptTimeoutMs",
] as const satisfies readonly (keyof NewSubscription)[];

/** The first field in which two requests to subscribe differ, the filter before the others; `null`: in none. */
export function firstDifference(a: NewSubscription, b: NewSubscription): keyof NewSubscription | null {
  return subscriptionFields.find((name) => contentText(a[name]) !== contentText(b[name])) ?? null;
}

/** The same text for the same content, whatever the order of its members. */
function contentText(content: NewSubscription[keyof NewSubscription]): string {
  return JSON.stringify(content, (_, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
