import type { Interceptor } from "@connectrpc/connect";
import { signal } from "@preact/signals";

/** By how much the server's clock is ahead of the browser's, in milliseconds, as far as its answers tell. 0: they agree to the second. */
export const clockSkewMs = signal(0);

/** Learns from each answer what the server's clock says. */
export const learnClockSkew: Interceptor = (next) => async (request) => {
  const sentMs = Date.now();
  const answer = await next(request);
  const dateMs = Date.parse(answer.header.get("date") ?? "");
  if (!Number.isNaN(dateMs)) clockSkewMs.value = skewWithin(clockSkewMs.peek(), dateMs, sentMs, Date.now());
  return answer;
};

/**
 * What is known of the skew after one more answer. It was dated, in whole seconds, between when it was asked for and when it came.
 *
 * @param beforeMs what was known, which is kept as far as the answer allows it
 */
export function skewWithin(beforeMs: number, dateMs: number, sentMs: number, cameMs: number): number {
  return Math.min(Math.max(beforeMs, dateMs - cameMs), dateMs + 999 - sentMs);
}
