import type { Lane } from "../domain/balancing/dispatch.ts";
import type { Slots } from "../domain/balancing/slot-filling.ts";
import type { Shortfall } from "../domain/tasks/claim-allowance.ts";
import type { ClaimedTask } from "../domain/tasks/task.ts";

/** Slots for the next tasks of a queue, in the order in which they are filled. */
export interface ClaimPlan {
  readonly queue: string;
  readonly slots: readonly Slots[];
  /** When a lease that only ExtendLease prolongs ends; `null`: it lives as long as its worker's stream. */
  readonly leaseUntilMs: number | null;
  /** Only these tasks, in this order, whatever stands before them; not set: as they stand in line. */
  readonly ids?: readonly string[];
  /** Only tasks of this lane, which are dispatched apart; not set: only those that are in none. */
  readonly lane?: Lane;
  /** Only tasks of these types; not set: of all. */
  readonly types?: readonly string[];
  /**
   * Set: at most `most` tasks in all, however many slots there are. Each goes to the worker that its `correlation_id` sticks to
   * (`domain/stickiness.ts`) among those with slots left; one without goes where most slots are left.
   */
  readonly sticky?: { readonly most: number };
}

/** What a claim found. */
export interface ClaimAnswer {
  /** The tasks, best first, each RUNNING for its `workerId`. The list is the caller's own. */
  readonly tasks: ClaimedTask[];
  /**
   * Why there were fewer than slots; `null`: there were not. `cut`: one claim takes no more, by the size of the payloads or
   * because many tasks were too late and had to be failed, or many were of other types; ask again.
   */
  readonly short: Shortfall | null;
  /**
   * The ids of those of which something has no checksum, since an older version stored it: it may be damaged so that it cannot be
   * decoded. Not set: of none.
   */
  readonly unverified?: readonly string[];
  /** Lanes of the queue that may hold ready tasks; not set: none does. */
  readonly lanes?: readonly Lane[];
}
