import { limits } from "../../contract/limits.ts";
import type { CallError } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { ClientLog, ClientLogLevel } from "../connection/client-log.ts";
import type { TaskInfo } from "../views/task-info.ts";
import type { Handler, Handlers } from "./handlers.ts";

/** What a worker works on, and how. */
export interface WorkerOptions {
  /** The queues that it works: 1 to 100; none are needed for `process` alone. */
  readonly queues: readonly string[];
  /** Its handlers: by task type for plain values, or a list made by `handle`. */
  readonly handlers: Handlers;
  /** Handles the types that have no handler. Default: the worker is not offered tasks of other types. */
  readonly fallback?: Handler<unknown, unknown>;
  /** How many handlers run at a time: 1 to 10,000. Default 10. */
  readonly capacity?: number;
  /** Its name, which no other worker has. Default: made of the host's name, the process id and a random part. */
  readonly workerId?: string;
  /** The service that it is part of. Default: the client's. */
  readonly service?: string;
  /** Where it can be called, as an instance of its service: `host:port`. Default: nowhere. */
  readonly address?: string;
  /** Its share under WEIGHTED: 1 to 1,000,000. Default: its capacity. */
  readonly weight?: number;
  /** What else describes it: version, zone. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Where it logs. Default: the client's log. */
  readonly log?: ClientLog | ClientLogLevel;
  /** Listeners for what it does. */
  readonly events?: WorkerEvents;
}

/** Listeners of a worker. What a listener throws is logged, and changes nothing. */
export interface WorkerEvents {
  /** The server welcomed it: the first time, and after every reconnect. */
  onConnect?(workerId: string): void;
  /** Its stream ended; it connects again after `delayMs`, or not at all if that is `null`: the worker is stopped. */
  onDisconnect?(error: CallError | null, delayMs: number | null): void;
  /** A handler is called. */
  onTaskStart?(task: TaskInfo): void;
  /** A handler returned, or its task was released; `abandoned`: its outcome was not stored, as after the end of its lease. */
  onTaskEnd?(task: TaskInfo, outcome: "completed" | "failed" | "released" | "abandoned"): void;
}

/** All that can be said of one. */
export const workerOptionNames: OptionNames<WorkerOptions> = {
  queues: true,
  handlers: true,
  fallback: true,
  capacity: true,
  workerId: true,
  service: true,
  address: true,
  weight: true,
  metadata: true,
  log: true,
  events: true,
};

const eventNames: OptionNames<WorkerEvents> = {
  onConnect: true,
  onDisconnect: true,
  onTaskStart: true,
  onTaskEnd: true,
};

/**
 * Refuses what cannot be a worker's options.
 *
 * @throws CallError INVALID_ARGUMENT of an option that there is not; TypeError or RangeError if one is not valid
 */
export function checkWorkerOptions(options: WorkerOptions): void {
  refuseUnknown(options, workerOptionNames);
  if (options.events !== undefined) refuseUnknown(options.events, eventNames);
  const { queues, handlers, fallback, capacity = 10 } = options;
  if (!Array.isArray(queues)) throw new TypeError("queues is required: a list of the queues' names.");
  if (typeof handlers !== "object" || handlers === null) {
    throw new TypeError("handlers is required: handlers by task type, or a list made by handle.");
  }
  // Without types it would be offered all, and handle none.
  if (Object.keys(handlers).length === 0 && fallback === undefined) {
    throw new TypeError("handlers holds none: a worker needs a handler, or a fallback.");
  }
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > limits.workerCapacity) {
    throw new RangeError(`capacity is ${capacity}; it must be a whole number from 1 to ${limits.workerCapacity}.`);
  }
}
