import type { DeliveryFlow, QueueFlow } from "../domain/tasks/queue-flow.ts";
import type { TaskChange } from "../domain/tasks/task.ts";
import type { WorkflowChange } from "../domain/workflows/workflow.ts";

/** Who listens. For those who do not nothing is noted. */
export interface Watched {
  readonly tasks: boolean;
  readonly workflows: boolean;
}

/** The changes of commits, for the listeners after them. */
export interface Changes {
  readonly tasks: readonly TaskChange[];
  readonly workflows: readonly WorkflowChange[];
  /** What the tasks of queues did; a queue may have several. */
  readonly flows: readonly QueueFlow[];
  /** What the deliveries of subscriptions did that have not ended. */
  readonly deliveries: readonly DeliveryFlow[];
  /** How many tasks of which queues became PENDING, other than by `enqueue`. */
  readonly ready: readonly (readonly [queue: string, n: number])[];
}
