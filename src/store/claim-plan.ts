import type { Lane } from "../domain/balancing/dispatch.ts";
import type { Slots, SlotsElsewhere } from "../domain/balancing/slot-filling.ts";
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
   * (`domain/balancing/slot-filling.ts`) among those with slots left; one without goes where most slots are left.
   */
  readonly sticky?: StickyPlan;
}

/** How tasks are kept with the workers that they stick to. */
export interface StickyPlan {
  readonly most: number;
  /**
   * Workers at other servers that take tasks of the queue now: what sticks to one of them is left in line for its server, and the look
   * goes on behind it. Default: there are none.
   */
  readonly elsewhere?: readonly SlotsElsewhere[];
}

/** How many tasks one claim passes over, at the most, since they are for workers elsewhere. */
const mostLeftElsewhere = 4_096;

/** How many tasks a claim looks at in line to take `n`: the workers elsewhere have slots for the others, so no more need be passed over. */
export function tasksToLookAt(n: number, { sticky }: Pick<ClaimPlan, "sticky">): number {
  const forOthers = (sticky?.elsewhere ?? []).reduce((sum, slot) => sum + slot.n, 0);
  return n + Math.min(forOthers, mostLeftElsewhere);
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
  /** Set: tasks were left in line for workers elsewhere. Once one of those has less room, or is gone, they may be for these workers. */
  readonly left?: true;
  /** Lanes of the queue that may hold ready tasks; not set: none does. */
  readonly lanes?: readonly Lane[];
}
