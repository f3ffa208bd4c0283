import type { SitqError } from "../../domain/errors.ts";
import type { LeaseRef } from "../../domain/lease.ts";
import type { Cancellation } from "../../domain/tasks/cancellation.ts";
import type { ProgressReport } from "../../domain/tasks/outcome.ts";
import type { ClaimedTask } from "../../domain/tasks/task.ts";
import type { SettledStatus } from "./reported-outcomes.ts";

/** How far a task is, as its worker reports it. */
export type ReportedProgress = LeaseRef & { readonly progress: ProgressReport };

/** Sends messages to a connected worker. Each call answers whether the stream takes more; `onWritable` reports when it does again. */
export interface WorkerChannel {
  welcome(welcome: Welcome): void;
  tasks(tasks: readonly ClaimedTask[]): boolean;
  /** `statuses` are in the order of `outcomes`. */
  settled(outcomes: readonly LeaseRef[], statuses: readonly SettledStatus[]): boolean;
  cancel(tasks: readonly (LeaseRef & { readonly cancellation: Cancellation })[]): boolean;
  drain(graceMs: number, reason: DrainReason): boolean;
  heartbeat(): boolean;
  /** Ends the stream: with an error, or cleanly. */
  end(error: SitqError | null): void;
  /** Calls back once the stream takes more again. */
  onWritable(listener: () => void): void;
}

/** Why a worker is draining. */
export type DrainReason = "server_stopping" | "operator";

/** The answer to a worker's hello. */
export interface Welcome {
  readonly workerId: string;
  readonly heartbeatIntervalMs: number;
  readonly leaseDurationMs: number;
  readonly kept: readonly LeaseRef[];
  readonly lost: readonly LeaseRef[];
}

/** What a worker says of itself. */
export interface Hello {
  /** Not empty. */
  readonly workerId: string;
  readonly service: string;
  readonly queues: readonly string[];
  /** The types that it handles; empty: all. */
  readonly types: readonly string[];
  readonly capacity: number;
  /** Its share under `weighted`; 0: its capacity. */
  readonly weight: number;
  readonly address: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Which process of this name it is; empty: it does not say. */
  readonly incarnation: string;
  /** What it works on, or has an outcome for that is not settled. */
  readonly held: readonly LeaseRef[];
}

/** The `hello` of an unknown process, of which only its leases are known. */
export const unknownHello: Omit<Hello, "workerId" | "queues"> = {
  service: "",
  capacity: 0,
  weight: 0,
  address: "",
  metadata: {},
  held: [],
  incarnation: "",
  types: [],
};
