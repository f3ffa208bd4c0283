import { type Hello, unknownHello } from "./worker-channel.ts";
import type { Replacements } from "./worker-names.ts";
import type { WorkerSession } from "./worker-session.ts";
import type { WorkerFigures } from "./worker-statistics.ts";

/** A worker as operators see it. */
export interface WorkerView {
  readonly hello: Hello;
  readonly state: "connected" | "draining" | "disconnected" | "lost" | "claiming";
  readonly capacity: number;
  readonly inFlight: number;
  readonly connectMs: number;
  readonly lastSeenMs: number;
}

/** A worker as it is listed: with what is left of the processes that had its name before. */
export interface ListedWorker extends WorkerView {
  readonly replacements: Replacements;
  readonly replacedInFlight: number;
  /** The server that it is at, or was last; `null`: there is only one. */
  readonly serverId: number | null;
  /** When a process of the name was last lost, wall clock, in milliseconds; `null`: not within the last hour. */
  readonly lostMs: number | null;
}

/** A worker of which the server knows a stream, or leases that were held over one. */
export type PresentWorker<View extends WorkerView = WorkerView> = View & {
  readonly state: Exclude<WorkerView["state"], "lost" | "claiming">;
};

/** What a worker does, beside how it stands. */
export interface WorkerActivity {
  readonly figures: WorkerFigures;
  /** The task that it holds for longest, and since when by the wall clock; `null`: it holds none. */
  readonly oldest: { readonly taskId: string; readonly startMs: number } | null;
}

/** The worker of an open stream. */
export function viewOf(session: WorkerSession): PresentWorker {
  return {
    hello: session.hello,
    state: session.draining ? "draining" : "connected",
    capacity: session.statedCapacity,
    inFlight: session.inFlight,
    connectMs: session.connectMs,
    lastSeenMs: session.lastSeenMs,
  };
}

/** The worker of leases of which nothing else is known. */
export function unknownView(workerId: string, queues: readonly string[], nowMs: number): PresentWorker {
  const hello = { ...unknownHello, workerId, queues };
  return { hello, state: "disconnected", capacity: 0, inFlight: 0, connectMs: nowMs, lastSeenMs: nowMs };
}

/** Who works a queue now. */
export interface Attendance {
  /** How many streams are open for it. */
  readonly workerCount: number;
  /** Whether there are workers, and none of them takes tasks of this type. */
  isUnhandled(type: string): boolean;
}

/** What these workers of one queue take. */
export function attendanceOf(present: readonly Pick<WorkerSession, "types">[]): Attendance {
  return {
    workerCount: present.length,
    isUnhandled: (type) => present.length > 0 && present.every(({ types }) => types !== null && !types.has(type)),
  };
}
