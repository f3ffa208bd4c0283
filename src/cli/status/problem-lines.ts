import { type OverviewTotals, type Problem, ProblemSeverity } from "../../client/index.ts";
import { counted, perSecond } from "../terminal/numbers.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { msOf, roughly } from "../terminal/times.ts";

/** How many problems of one kind are shown one by one. */
const mostOfKind = 5;

/** Problems for people, worst first: what is wrong, since when, and below it the command to type next. */
export function problemLines(problems: readonly Problem[], paint: Paint, nowMs: number): string[] {
  const kinds = Map.groupBy(problems, ({ severity, kind }) => `${severity} ${kind}`);
  return [...kinds.values()].flatMap((group) => {
    const shown = group.slice(0, mostOfKind).flatMap((problem) => linesOf(problem, paint, nowMs));
    const hidden = group.slice(mostOfKind).reduce((sum, { subjectCount }) => sum + subjectCount, 0);
    return hidden === 0 ? shown : [...shown, paint.dim(`${indent}and ${hidden} more like this: --json shows them`)];
  });
}

const indent = " ".repeat(10);

function linesOf(problem: Problem, paint: Paint, nowMs: number): string[] {
  const first = `${problemLine(problem, paint)}${paint.dim(ageOf(problem, nowMs))}`;
  return problem.command === "" ? [first] : [first, paint.dim(`${indent}${printable(problem.command)}`)];
}

/** A problem in one line: `CRITICAL  3 tasks wait in queue mail, which has no worker.` */
export function problemLine({ severity, message }: Problem, paint: Paint): string {
  const name = ProblemSeverity[severity] ?? "";
  return `${severityPaint(severity, paint)(name.padEnd(8))}  ${printable(message)}`;
}

function ageOf({ sinceTime }: Problem, nowMs: number): string {
  const sinceMs = msOf(sinceTime);
  return sinceMs === null ? "" : ` (${roughly(nowMs - sinceMs)})`;
}

/** The colour of a severity. */
export function severityPaint(severity: ProblemSeverity, paint: Paint): (text: string) => string {
  if (severity === ProblemSeverity.CRITICAL) return paint.bad;
  return severity === ProblemSeverity.WARNING ? paint.warning : paint.active;
}

/** The sums of all queues in one line. */
export function totalsLine(totals: OverviewTotals): string {
  const { queues, pending, running, scheduled, failed, workers, inFlight, capacity } = totals;
  const rates = `${perSecond(totals.enqueueRate)} in, ${perSecond(totals.finishRate)} done`;
  const tasks = `${pending} waiting, ${running} running, ${scheduled} scheduled, ${failed} failed`;
  return `${counted(queues, "queue")}: ${tasks}; ${rates}; ${counted(workers, "worker")}, ${inFlight} of ${capacity} in use`;
}
