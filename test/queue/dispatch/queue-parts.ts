import type { ClaimedTask } from "../../../src/domain/tasks/task.ts";
import { type Consumer, typeSet } from "../../../src/queue/dispatch/consumer.ts";

/** A claimed task of the queue `orders`, in the first attempt of worker `w`. */
export function claimedTask(changes: Partial<ClaimedTask> = {}): ClaimedTask {
  return {
    id: "1",
    type: "ship",
    payload: null,
    headers: null,
    priority: 0,
    attempt: 1,
    maxAttempts: 3,
    attemptTimeoutMs: null,
    expireMs: null,
    correlationId: null,
    sourceService: null,
    origin: null,
    event: null,
    createMs: 0,
    queue: "orders",
    workerId: "w",
    step: null,
    ...changes,
  };
}

/** A consumer that keeps what it is given. */
export interface FakeConsumer extends Consumer {
  capacity: number;
  readonly ids: string[];
  /** How many tasks it was promised that have not been delivered, or taken back. */
  promised: number;
}

/** Creates a consumer of the queue `orders` that holds nothing. */
export function fakeConsumer(
  id: string,
  capacity: number,
  changes: { types?: string[]; queues?: string[]; weight?: number } = {},
) {
  const consumer: FakeConsumer = {
    id,
    capacity,
    weight: changes.weight ?? 0,
    queues: changes.queues ?? ["orders"],
    types: typeSet(changes.types ?? []),
    leaseMs: null,
    ahead: null,
    draining: false,
    ids: [],
    promised: 0,
    get load() {
      return consumer.promised + consumer.ids.length;
    },
    reserve(n) {
      consumer.promised += n;
    },
    deliver(tasks, reserved) {
      consumer.promised -= reserved;
      consumer.ids.push(...tasks.map((task) => task.id));
    },
  };
  return consumer;
}
