import { isFinished, type TaskState } from "./task.ts";

/** What tasks did in one commit, or in several. */
export interface TaskFlow {
  /** Tasks that were stored: enqueued, delivered, or steps of workflows. */
  readonly enqueued: number;
  /** Tasks that are COMPLETED now, and were not. */
  readonly completed: number;
  /** Tasks that are FAILED now, and were not. */
  readonly failed: number;
  /** Tasks that are CANCELLED now, and were not. */
  readonly cancelled: number;
}

/** What the tasks of a queue did. */
export interface QueueFlow extends TaskFlow {
  /** The queue's name. */
  readonly queue: string;
}

/** What the deliveries of a subscription did. */
export interface DeliveryFlow extends TaskFlow {
  /** The subscription's name. */
  readonly subscription: string;
}

/** Counts what one transaction does to tasks: those of a queue, or the deliveries of a subscription. */
export class FlowCount {
  enqueued = 0;
  private completed = 0;
  private failed = 0;
  private cancelled = 0;

  /** Nothing was counted. */
  get isEmpty(): boolean {
    return this.enqueued === 0 && this.completed + this.failed + this.cancelled === 0;
  }

  /** Counts the move of a task; `null` is outside, as for QueueTable.move. */
  moved(from: TaskState | null, to: TaskState | null): void {
    if (from === null) this.enqueued++;
    if (to !== null && isFinished(to)) this[to]++;
  }

  /** What was counted, and begins at zero again. */
  take(): TaskFlow {
    const { enqueued, completed, failed, cancelled } = this;
    this.enqueued = this.completed = this.failed = this.cancelled = 0;
    return { enqueued, completed, failed, cancelled };
  }
}

/** What commits did to the deliveries of a subscription, by its number. */
export type NumberedFlow = TaskFlow & { readonly subscriptionId: number };

/** What commits did to the tasks of queues, and to deliveries. */
export interface Flows {
  readonly queues: readonly QueueFlow[];
  readonly deliveries: readonly NumberedFlow[];
}

/** Collects what commits do to tasks, until it is passed on. */
export class FlowLog {
  /** What the open transaction does to deliveries. */
  private readonly open = new Map<number, FlowCount>();
  private queues: QueueFlow[] = [];
  private deliveries: NumberedFlow[] = [];

  /** Counts of what the open transaction does to the deliveries of a subscription. */
  deliveriesOf(subscriptionId: number): FlowCount {
    const known = this.open.get(subscriptionId);
    if (known !== undefined) return known;
    const flow = new FlowCount();
    this.open.set(subscriptionId, flow);
    return flow;
  }

  /** The commit is on the disk. @param moved the queues whose tasks it moved @param also counts the same; `null`: nothing does */
  committed<Queue extends { readonly name: string; readonly flow: FlowCount }>(
    moved: Iterable<Queue>,
    also: { flowed(queue: NoInfer<Queue>, flow: TaskFlow): void } | null,
  ): void {
    for (const queue of moved) {
      if (queue.flow.isEmpty) continue;
      const flow = queue.flow.take();
      also?.flowed(queue, flow);
      this.queues.push({ queue: queue.name, ...flow });
    }
    for (const [subscriptionId, flow] of this.open) {
      if (!flow.isEmpty) this.deliveries.push({ subscriptionId, ...flow.take() });
    }
    this.open.clear();
  }

  /** Forgets what the open transaction did to deliveries. */
  undo(): void {
    this.open.clear();
  }

  /** What the commits since the last call did. */
  take(): Flows {
    const { queues, deliveries } = this;
    this.queues = [];
    this.deliveries = [];
    return { queues, deliveries };
  }
}

/** The flows of those subscriptions that have a name. */
export function namedFlows(
  flows: readonly NumberedFlow[],
  nameOf: (subscriptionId: number) => string | null,
): DeliveryFlow[] {
  return flows.flatMap(({ subscriptionId, ...flow }) => {
    const subscription = nameOf(subscriptionId);
    return subscription === null ? [] : [{ subscription, ...flow }];
  });
}
