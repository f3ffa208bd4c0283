import type { MonitorFacts, WorkerFacts } from "../domain/monitor/facts.ts";
import type { QueueRow } from "./queue-rows.ts";

/** How everything is now. */
export interface Overview extends MonitorFacts {
  readonly queues: Iterable<QueueRow>;
  readonly workers: readonly (WorkerFacts & { readonly capacity: number })[];
  readonly nowMs: number;
}
