import type { MonitorFacts, WorkerFacts } from "../domain/monitor/facts.ts";
import type { QueueHistory } from "../queue/tasks/queue-rates.ts";
import type { QueueRow } from "./queue-rows.ts";

/** How everything but the queues is now. */
export interface Overview extends MonitorFacts {
  readonly workers: readonly (WorkerFacts & { readonly capacity: number })[];
  readonly nowMs: number;
}

/** A queue that is shown. */
export interface ShownRow {
  readonly row: QueueRow;
  /** `null`: it is as before, until a step of it is over. */
  readonly history: QueueHistory | null;
}
