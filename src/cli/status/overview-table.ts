import { ProblemKind, type QueueOverview } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import { rateText } from "../terminal/numbers.ts";
import type { Paint } from "../terminal/paint.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { msOf, roughly } from "../terminal/times.ts";
import { severityPaint } from "./problem-lines.ts";

/** Queues as rows: what waits, since when, what runs, how fast it moves. */
export function overviewTable(queues: readonly QueueOverview[], layout: Layout, nowMs: number): string {
  const columns: readonly Column<QueueOverview>[] = [
    { title: "QUEUE", cell: ({ name }) => name, least: 12 },
    { title: "WAITING", cell: ({ statistics }) => String(statistics?.pending ?? 0), align: "right" },
    { title: "OLDEST", cell: (queue) => oldest(queue, nowMs), align: "right" },
    { title: "RUNNING", cell: ({ statistics }) => String(statistics?.running ?? 0), align: "right" },
    { title: "USED", cell: used, align: "right", leaveOut: 2 },
    { title: "IN/S", cell: ({ enqueueRate }) => rateText(enqueueRate), align: "right" },
    { title: "DONE/S", cell: ({ finishRate }) => rateText(finishRate), align: "right" },
    { title: "FAILED", cell: failed, align: "right", leaveOut: 3 },
    { title: "5 MIN", cell: ({ history }) => sparkline(history?.finished ?? []), leaveOut: 1 },
    { title: "", cell: note, least: 6 },
  ];
  return tableText(columns, queues, layout);
}

function oldest({ oldestWaitTime }: QueueOverview, nowMs: number): string {
  const sinceMs = msOf(oldestWaitTime);
  return sinceMs === null ? "-" : roughly(nowMs - sinceMs);
}

function used({ inFlight, capacity }: QueueOverview): string {
  return capacity === 0n ? "-" : `${inFlight}/${capacity}`;
}

function failed({ statistics }: QueueOverview, paint: Paint): string {
  const count = String(statistics?.failed ?? 0);
  return count === "0" ? count : paint.bad(count);
}

/** What is wrong with a queue, in a word or two. A problem that a newer server has found is shown by its name. */
const notes: Readonly<Partial<Record<ProblemKind, string>>> = {
  [ProblemKind.QUEUE_FULL]: "full",
  [ProblemKind.QUEUE_NEARLY_FULL]: "nearly full",
  [ProblemKind.NO_WORKER]: "no worker",
  [ProblemKind.NO_HANDLER]: "no handler",
  [ProblemKind.PAUSED]: "paused",
  [ProblemKind.MAX_RUNNING]: "at its limit",
  [ProblemKind.LONG_WAIT]: "waits long",
  [ProblemKind.TASKS_FAILED]: "failures",
};

function note({ problem, problemSeverity, paused }: QueueOverview, paint: Paint): string {
  if (problem === ProblemKind.UNSPECIFIED) return paused ? paint.warning("paused") : "";
  const text = notes[problem] ?? ProblemKind[problem] ?? "a problem";
  return severityPaint(problemSeverity, paint)(text);
}

/** The queues that have problems, the worst first, then those with most to do: the server's order. */
export function inOrder(queues: Iterable<QueueOverview>): QueueOverview[] {
  return [...queues].sort((a, b) => a.orderKey - b.orderKey || (a.name < b.name ? -1 : 1));
}

const bars = "▁▂▃▄▅▆▇█";
/** How many steps of five seconds one bar stands for. */
const stepsPerBar = 5;

/** Numbers as bars, as high as they are large; empty for none. */
export function sparkline(steps: readonly number[]): string {
  if (steps.length === 0) return "";
  const sums = Array.from({ length: Math.ceil(steps.length / stepsPerBar) }, (_, at) =>
    steps.slice(at * stepsPerBar, (at + 1) * stepsPerBar).reduce((sum, n) => sum + n, 0),
  );
  const most = Math.max(...sums, 1);
  return sums.map((sum) => bars[Math.round((sum / most) * (bars.length - 1))] ?? "").join("");
}
