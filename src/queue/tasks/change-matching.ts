import type { Clock } from "../../domain/clock.ts";
import type { BulkChange } from "../../domain/operators/operator-changes.ts";
import type { TaskFilter } from "../../domain/operators/task-filter.ts";
import { cancelledError } from "../../domain/tasks/task.ts";
import type { Store } from "../../store/store.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { LeaseEnder } from "../leases/lease-ender.ts";
import { type BatchTotal, inBatches } from "./in-batches.ts";

/** What is done to many tasks. The reason of a cancellation is for the handlers that run. */
export type BulkRequest = { readonly kind: "retry" | "delete" } | { readonly kind: "cancel"; readonly reason: string };

/**
 * Changes all tasks that match, in batches; ends early when the caller is gone. States in which such a change makes no sense are
 * left out.
 *
 * @param dryRun only count them
 */
export type ChangeMatching = (
  request: BulkRequest,
  filter: TaskFilter,
  dryRun: boolean,
  signal: AbortSignal,
) => Promise<BatchTotal>;

/** What it needs. */
export interface ChangeMatchingOptions {
  readonly store: Pick<Store, "changeMatching">;
  readonly clock: Clock;
  readonly dispatcher: Pick<Dispatcher, "ended">;
  readonly ender: Pick<LeaseEnder, "endCancelled">;
}

/** Creates the use case. Handlers of tasks that are cancelled are signalled with each batch. */
export function createChangeMatching({ store, clock, dispatcher, ender }: ChangeMatchingOptions): ChangeMatching {
  return (request, filter, dryRun, signal) =>
    inBatches(signal, async (cursor) => {
      const batch = await store.changeMatching(changeOf(request), filter, cursor, dryRun, clock.now());
      if (request.kind !== "cancel" || dryRun) return batch;
      ender.endCancelled(batch.leases, request.reason);
      for (const queue of batch.queues) dispatcher.ended(queue);
      return batch;
    });
}

function changeOf(request: BulkRequest): BulkChange {
  return request.kind === "cancel" ? { kind: "cancel", error: cancelledError(request.reason) } : { kind: request.kind };
}
