import type { ClaimedTask, NewTask } from "../domain/tasks/task.ts";

/** Records what the server does of traces that begin in its clients: each part is handed what it needs of it, or `null` where nothing is. */
export interface Traces extends CallTraces, TaskTraces {
  /** Sends what is recorded, and ends; it waits for a collector no longer than two seconds. */
  stop(): Promise<void>;
}

/** Records calls. */
export interface CallTraces {
  /** Begins to record a call; `null`: it is none that is recorded. @param method its path: `/sitq.v1.QueueService/Enqueue` */
  begin(method: string, call: TracedCall, protocol: "grpc" | "connectrpc"): CallSpan | null;
}

/** What of a call is recorded. */
export interface TracedCall {
  readonly metadata: { get(name: string): readonly unknown[] };
  /** Who calls: `address:port`. */
  readonly peer: string;
}

/** A call that is recorded. */
export interface CallSpan {
  /** Ends it. @param status the code that it is answered with, as text: `OK` */
  end(status: string): void;
}

/** Records what becomes of tasks, in the trace that each is part of. */
export interface TaskTraces {
  /** The time, for `stored`. */
  now(): number;
  /** Tasks are on the disk. @param idOf the id that a task was given; `null`: it was refused, or was there. @param beganMs when they came, by `now` */
  stored(tasks: readonly NewTask[], idOf: (index: number) => string | null, beganMs: number): void;
  /** Tasks were handed out. */
  handedOut(tasks: readonly ClaimedTask[]): void;
}
