import { silentLog } from "../../src/domain/log.ts";
import { createRetries, type Retries } from "../../src/domain/retries.ts";
import type { FakeClock } from "./fake-clock.ts";

/** Retries without jitter on a fake clock; what fails is told to `onError`, once an outage. */
export function createTestRetries(clock: FakeClock, onError: (error: unknown) => void = () => undefined): Retries {
  const log = { ...silentLog, error: (facts: Readonly<Record<string, unknown>>) => onError(facts.error) };
  return createRetries({ clock, random: () => 0.5, log });
}
