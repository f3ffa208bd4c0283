/** Short words for settlements. */

import { type Lease, type LeaseKind, leaseOf as leaseOfTask } from "../../src/domain/lease.ts";
import type { Settlement } from "../../src/domain/tasks/outcome.ts";
import type { ClaimedTask } from "../../src/domain/tasks/task.ts";
import { taskError } from "../harness/calls/builders.ts";

/** How an attempt ends. */
export type Outcome = Settlement["outcome"];

type Failed = Extract<Outcome, { kind: "failed" }>;

/** Text as bytes; the store never looks inside. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Bytes as text, so that a difference can be read; `null` stays. */
export function text(content: Uint8Array | null): string | null {
  return content && new TextDecoder().decode(content);
}

/** The work is done. */
export function completed(result: string | null = null): Outcome {
  return { kind: "completed", result: result === null ? null : bytes(result) };
}

/** The worker failed; by default to be retried by its policy, in the middle of the jitter. */
export function failed(changes: Partial<Failed> = {}): Outcome {
  return { kind: "failed", error: taskError(), terminal: false, retryDelayMs: null, random: 0.5, ...changes };
}

/** The worker gives it back. */
export function released(delayMs: number | null = null, reason: string | null = null): Outcome {
  return { kind: "released", delayMs, reason };
}

/** Its worker came back and did not name it. */
export const notArrived: Outcome = { kind: "not_arrived" };

/** The worker was not heard of. */
export const leaseLost: Outcome = { kind: "lease_lost" };

/** The attempt ran too long. */
export function timedOut(random = 0.5): Outcome {
  return { kind: "timed_out", random };
}

/** One of each kind, for tables. */
export const everyOutcome: readonly Outcome[] = [completed("done"), failed(), released(), leaseLost, timedOut()];

/** What names the lease of a claimed task. */
export function leaseOf(task: ClaimedTask, leaseKind: LeaseKind = "stream"): Lease {
  return leaseOfTask(task, leaseKind);
}
