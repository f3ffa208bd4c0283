import type { Lease } from "./stream-worker.ts";

/** What a worker makes of a task; it stands in the task's type. */
export type Fate = "complete" | "linger" | "fail-twice" | "fail-for-good" | "exhaust" | "give-back" | "cancel";

/** A task that a producer handed over, or tried to. */
export interface EnqueueRecord {
  readonly requestId: string;
  readonly queue: string;
  readonly fate: Fate;
  readonly maxAttempts: number;
  /** Calls that were made, the ones without an answer included. */
  tries: number;
  /** The ids that were answered, one for each answer. */
  readonly taskIds: string[];
  /** The first answer said that the task was there already: an earlier try had stored it, and its answer was lost. */
  recovered: boolean;
}

/** A task in a worker's hands. */
export interface HandOut extends Lease {
  readonly workerId: string;
  /** How often the server was killed before. */
  readonly kills: number;
}

/** What a worker said of an attempt. */
export interface OutcomeRecord extends Lease {
  readonly workerId: string;
  readonly kind: "completed" | "failed" | "released";
  /** Stands in the result or in the error, so that the outcome can be told from every other. */
  readonly nonce: string;
  /** It was said of an attempt that had ended: it must be stale. */
  readonly isForged: boolean;
  answers: ("settled" | "stale")[];
  /** How often the server had been killed when it was last found stale. */
  killsWhenStale: number;
}

/** A cancellation; `null`: it was never answered. */
export interface CancelRecord {
  readonly taskId: string;
  answer: "cancelled" | "finished" | null;
}

/** Everything that the clients said and heard, in the order in which they did. */
export interface History {
  /** How often the server was killed. */
  kills: number;
  /** By request id. */
  readonly enqueues: Map<string, EnqueueRecord>;
  readonly handOuts: HandOut[];
  readonly outcomes: OutcomeRecord[];
  readonly cancels: CancelRecord[];
  /** Calls that ended without an answer, by their status. */
  readonly unanswered: Map<string, number>;
  /** What must never be heard. */
  readonly unexpected: string[];
}

/** A history of nothing. */
export function createHistory(): History {
  return {
    kills: 0,
    enqueues: new Map(),
    handOuts: [],
    outcomes: [],
    cancels: [],
    unanswered: new Map(),
    unexpected: [],
  };
}
