import type { Hello } from "./worker-channel.ts";
import type { Replacements } from "./worker-names.ts";
import type { WorkerSession } from "./worker-session.ts";

/** A worker as operators see it. */
export interface WorkerView {
  readonly hello: Hello;
  readonly state: "connected" | "draining" | "disconnected";
  readonly capacity: number;
  readonly inFlight: number;
  readonly connectMs: number;
  readonly lastSeenMs: number;
}

/** A worker as it is listed: with what is left of the processes that had its name before. */
export interface ListedWorker extends WorkerView {
  readonly replacements: Replacements;
  readonly replacedInFlight: number;
}

/** The worker of an open stream. */
export function viewOf(session: WorkerSession): WorkerView {
  return {
    hello: session.hello,
    state: session.draining ? "draining" : "connected",
    capacity: session.statedCapacity,
    inFlight: session.inFlight,
    connectMs: session.connectMs,
    lastSeenMs: session.lastSeenMs,
  };
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
