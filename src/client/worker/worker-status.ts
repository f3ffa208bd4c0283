/**
 * Where a worker stands: `connecting` whenever it has no stream and wants one, `draining` while the server hands out nothing
 * to it.
 */
export type WorkerState = "idle" | "connecting" | "connected" | "draining" | "stopping" | "stopped";

/** How a worker stands, as plain values: what a health page shows. */
export interface WorkerStatus {
  readonly id: string;
  readonly service: string;
  readonly queues: readonly string[];
  readonly state: WorkerState;
  /** It was started and has not stopped, whether or not it is connected. */
  readonly isRunning: boolean;
  /** It has a stream: the server can hand tasks to it. */
  readonly isConnected: boolean;
  /** Handlers that have not returned. */
  readonly running: number;
  /** How many handlers run at a time at most. */
  readonly capacity: number;
}
