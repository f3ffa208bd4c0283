import type { ChangeAuthor } from "../tasks/setting-changes.ts";
import type { TaskState } from "../tasks/task.ts";

/** What problems of a queue are found by. Times here and below are wall clock, in milliseconds. */
export interface QueueFacts {
  readonly name: string;
  readonly paused: boolean;
  /** Absent: it is not paused, or that is not known. */
  readonly pausedBy?: ChangeAuthor;
  /** How many unfinished tasks it takes. */
  readonly depthLimit: number;
  /** 0: no bound. */
  readonly maxRunning: number;
  readonly counts: Readonly<Record<TaskState, number>>;
  /** Since when the task that waits longest could have been handed out; `null`: none waits. */
  readonly oldestReadyMs: number | null;
  /** Workers whose streams are open. */
  readonly workers: number;
  /** Waiting tasks of types that none of its workers takes. */
  readonly unhandled: readonly { readonly type: string; readonly count: number }[];
  /** Tasks that were handed out a second, over the last minute. */
  readonly handOutRate: number;
  /** `null`: no task failed within the last hour. */
  readonly failures: FailureFacts | null;
}

/** Failures of a queue within the last hour. */
export interface FailureFacts {
  readonly count: number;
  /** When the first of them failed, to the minute. */
  readonly sinceMs: number;
}

/** What problems of a worker are found by. */
export interface WorkerFacts {
  readonly workerId: string;
  readonly queues: readonly string[];
  readonly state: "connected" | "draining" | "disconnected";
  readonly inFlight: number;
  readonly lastSeenMs: number;
}

/** What problems of a subscription are found by. */
export interface SubscriptionFacts {
  readonly name: string;
  readonly queue: string;
  readonly filter: { readonly types: readonly string[] };
  readonly state: "live" | "catching_up" | "paused";
  /** When the oldest event was stored that it has not taken in, or that waits; `null`: there is none. */
  readonly oldestWaitingMs: number | null;
}

/** A workflow with which something is wrong. */
export interface WorkflowFacts {
  readonly id: string;
  readonly name: string;
  readonly trouble: "failed" | "compensation_failed" | "stuck";
  readonly sinceMs: number;
  /** The queues of its steps. */
  readonly queues: readonly string[];
}

/** The instances of a service. */
export interface ServiceFacts {
  readonly serviceName: string;
  readonly instances: number;
  readonly healthy: number;
  readonly draining: number;
}

/** What problems of the server itself are found by. */
export interface ServerFacts {
  /** New work is refused. */
  readonly isDiskLow: boolean;
  readonly freeBytes: number;
  /** What was found damaged since the server's start: tasks that were set aside, and content that was left out. */
  readonly damages: number;
  readonly isDraining: boolean;
  /** `null`: it has no certificate. */
  readonly certificateExpireMs: number | null;
  /** Calls that were refused for missing rights within the last hour. */
  readonly refusals: number;
}

/** What problems are found by, but for those of queues. */
export interface MonitorFacts {
  readonly workers: readonly WorkerFacts[];
  readonly subscriptions: readonly SubscriptionFacts[];
  readonly workflows: readonly WorkflowFacts[];
  readonly services: readonly ServiceFacts[];
  readonly server: ServerFacts;
}

/** When something is a problem. */
export interface Thresholds {
  readonly nowMs: number;
  /** How long a task may wait. */
  readonly maxWaitMs: number;
  /** How long a lease lasts: a worker that is silent for half of it is a problem. */
  readonly leaseDurationMs: number;
  /** Whether it is known who works the queues: a file does not say it. Default true. */
  readonly knowsWorkers?: boolean;
}
