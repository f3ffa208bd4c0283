import type { BalancingStrategy } from "./balancing.ts";

/** How one task is dispatched, over its queue's own strategy. */
export type Dispatch =
  | { readonly strategy: BalancingStrategy }
  /** It is for this worker; once it has waited for it so long, in milliseconds from when it may begin, any worker may have it. */
  | { readonly workerId: string; readonly waitMs: number };

/** The lane of tasks that are dispatched apart; `type:` is the store's own. */
export type Lane = `by:${BalancingStrategy}` | `worker:${string}`;

/** Where a task with this wish stands. */
export function laneOf(dispatch: Dispatch): Lane {
  return "strategy" in dispatch ? `by:${dispatch.strategy}` : `worker:${dispatch.workerId}`;
}

/** The strategy that a lane is dispatched by; `null`: it is for one worker. */
export function strategyOf(lane: Lane): BalancingStrategy | null {
  return lane.startsWith("by:") ? (lane.slice("by:".length) as BalancingStrategy) : null;
}

/** The worker that a lane is for; `null`: it is dispatched by a strategy. */
export function workerOf(lane: Lane): string | null {
  return lane.startsWith("worker:") ? lane.slice("worker:".length) : null;
}

/**
 * Whether a task of this lane stays in it once it was handed out, to be dispatched by its strategy each time. What was put aside for a
 * worker or a type goes back in line: it has met one that handles it.
 */
export function keepsLane(name: string): boolean {
  return name.startsWith("by:");
}

/** Whether a lane is one of these. */
export function isLane(name: string): name is Lane {
  return name.startsWith("by:") || name.startsWith("worker:");
}
