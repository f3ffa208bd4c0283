import type { Lease } from "../lease.ts";
import type { TaskError } from "./task.ts";

/** How an attempt ended, as its worker or the server reports it. */
export type Outcome = Completed | UncompletedOutcome;

/** The work is done. */
export interface Completed {
  readonly kind: "completed";
  readonly result: Uint8Array | null;
  /** Of a step: the span in which it was processed, as W3C Trace Context writes it. Default: none. */
  readonly traceparent?: string | null;
}

/** The end of an attempt, by the holder of its lease. */
export interface Settlement extends Lease {
  readonly outcome: Outcome;
}

/** How an attempt ended that did not complete. */
export type UncompletedOutcome =
  | {
      readonly kind: "failed";
      readonly error: TaskError;
      readonly terminal: boolean;
      /** `null`: by the retry policy. */
      readonly retryDelayMs: number | null;
      /** 0 to below 1, for the jitter. */
      readonly random: number;
    }
  | {
      readonly kind: "released";
      /** `null`: at once, in its old place. */
      readonly delayMs: number | null;
      /** Why, for programs; `null`: the worker shuts down. */
      readonly reason: string | null;
    }
  /** It was claimed and never left the server: it is as if it had not been. */
  | { readonly kind: "unsent" }
  /**
   * The worker came back and did not name it: it is taken as never handed out. The second time it counts as a lost lease, for a
   * worker that dies of its task and reconnects under its old id would report the same forever.
   */
  | { readonly kind: "not_arrived" }
  | { readonly kind: "lease_lost" }
  /** `random` as in `failed`. */
  | { readonly kind: "timed_out"; readonly random: number };

type WithoutRandom<O> = O extends { readonly random: number } ? Omit<O, "random"> : O;

/** An outcome as it is reported: the number for the jitter is drawn when it is completed. */
export type OutcomeReport = WithoutRandom<Outcome>;

/** How far an attempt is, as its worker reports it. */
export interface ProgressReport {
  /** 0 to 1. */
  readonly fraction: number;
  readonly message: string;
}
