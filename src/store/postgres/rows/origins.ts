import type { StoredEvent } from "../../../domain/events/event.ts";
import type { ClaimedStep, TaskOrigin } from "../../../domain/tasks/task.ts";
import type { TaskRow } from "../../rows/task-rows.ts";

/** The part of a task's row that says what it belongs to. */
export type OriginRow = Pick<TaskRow, "id" | "event_key" | "subscription_id" | "workflow_id" | "undoes">;

/** What a worker is given beside a task's own content. */
export interface ClaimContext {
  readonly origin: TaskOrigin;
  /** Without its data. */
  readonly event: StoredEvent | null;
  /** The event's data. */
  readonly data: Uint8Array | null;
  readonly step: ClaimedStep | null;
  readonly bytes: number;
}

/** What some tasks belong to: the events that they deliver, or the workflows whose steps they are. Each answer is by the task's key. */
export interface OriginsOf {
  /** Of rows of its kind. */
  of(rows: readonly OriginRow[]): Promise<ReadonlyMap<number, TaskOrigin>>;
  /** What workers are given. */
  claimContexts(rows: readonly OriginRow[]): Promise<ReadonlyMap<number, ClaimContext>>;
}

/** What tasks belong to. Tasks that a producer enqueued are in no answer. */
export interface Origins extends OriginsOf {
  /** The events that tasks deliver, whole, by the tasks' keys. */
  eventsOf(rows: readonly OriginRow[]): Promise<ReadonlyMap<number, StoredEvent>>;
}

/** Puts together what deliveries and steps belong to. */
export function createOrigins(deliveries: Origins, steps: OriginsOf): Origins {
  const deliveriesOf = (rows: readonly OriginRow[]) => rows.filter(({ event_key: key }) => key !== null);
  const stepsOf = (rows: readonly OriginRow[]) => rows.filter(({ workflow_id: id }) => id !== null);
  async function both<T>(
    rows: readonly OriginRow[],
    read: (from: OriginsOf, rows: readonly OriginRow[]) => Promise<ReadonlyMap<number, T>>,
  ): Promise<ReadonlyMap<number, T>> {
    const [delivered, stepped] = [deliveriesOf(rows), stepsOf(rows)];
    return new Map([
      ...(delivered.length === 0 ? [] : await read(deliveries, delivered)),
      ...(stepped.length === 0 ? [] : await read(steps, stepped)),
    ]);
  }
  return {
    of: (rows) => both(rows, (from, some) => from.of(some)),
    claimContexts: (rows) => both(rows, (from, some) => from.claimContexts(some)),
    async eventsOf(rows) {
      const delivered = deliveriesOf(rows);
      return delivered.length === 0 ? new Map() : deliveries.eventsOf(delivered);
    },
  };
}
