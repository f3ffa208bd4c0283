import type { QueueFacts } from "./facts.ts";
import { badness, type Severity, severities } from "./problem.ts";
import type { QueueFinding } from "./queue-problems.ts";

/** Which queues come first. */
export type QueueOrder = "by_name" | "problems_first";

/** Above the level of any number. */
const levels = 64;

/** The worst of what is wrong with a queue; `null`: nothing is. */
export function worstOf(findings: readonly QueueFinding[]): QueueFinding | null {
  let worst: QueueFinding | null = null;
  for (const finding of findings) if (worst === null || badness(finding) < badness(worst)) worst = finding;
  return worst;
}

/**
 * The place of a queue in the order by problems, the lowest first: by the severity of its worst problem, then by what it has to do in
 * powers of two, so that small changes move no row.
 *
 * @param finishRate tasks finished a second, over the last minute
 */
export function problemsFirstKey(
  severity: Severity | null,
  { counts }: { readonly counts: Pick<QueueFacts["counts"], "pending" | "running"> },
  finishRate: number,
): number {
  const load = counts.pending + counts.running + Math.round(finishRate * 60);
  const rank = severity === null ? severities.length : severities.indexOf(severity);
  return rank * levels + (levels - 1 - levelOf(load));
}

/** 0 for nothing, and one more for each power of two. */
function levelOf(load: number): number {
  return load <= 0 ? 0 : Math.floor(Math.log2(load)) + 1;
}
