import type { QueueSettings } from "./queue.ts";

/** How many tasks a claim takes. */
export interface ClaimAllowance {
  /** As many as there are slots for, and the claim asks for. */
  readonly wanted: number;
  /** As many of them as the queue may run. */
  readonly allowed: number;
}

/** Why a claim found fewer tasks than it wanted; see ClaimAnswer. */
export type Shortfall = "empty" | "paused" | "max_running" | "cut";

/**
 * How many tasks a claim of a queue that is not paused takes.
 *
 * @param running how many tasks of the queue run
 * @param slots how many the workers have room for
 * @param most the most that the claim asks for
 */
export function claimAllowance(
  { maxRunning }: Pick<QueueSettings, "maxRunning">,
  running: number,
  slots: number,
  most = slots,
): ClaimAllowance {
  const wanted = Math.min(slots, most);
  return { wanted, allowed: maxRunning === 0 ? wanted : Math.min(wanted, Math.max(maxRunning - running, 0)) };
}

/** Why a claim of a queue that is not paused found so many; `null`: it found what it wanted. */
export function shortfallOf({ wanted, allowed }: ClaimAllowance, found: number, isCut: boolean): Shortfall | null {
  if (found === wanted) return null;
  if (isCut) return "cut";
  return allowed < wanted && found === allowed ? "max_running" : "empty";
}
