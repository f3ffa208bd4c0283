import { type DeliveryFlow, FlowCount, type QueueFlow, type TaskFlow } from "../../../domain/tasks/queue-flow.ts";

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

  /** The commit is on the disk. @param moved the queues whose tasks it moved */
  committed(moved: Iterable<{ readonly name: string; readonly flow: FlowCount }>): void {
    for (const { name, flow } of moved) if (!flow.isEmpty) this.queues.push({ queue: name, ...flow.take() });
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
