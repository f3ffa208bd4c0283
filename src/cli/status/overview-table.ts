import type { QueueOverview } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import { rateText } from "../terminal/numbers.ts";
import type { Paint } from "../terminal/paint.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { msOf, roughly } from "../terminal/times.ts";

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

/** What holds a queue up, the worst first. */
const hindrances = ["no worker", "no handler", "paused", "at its limit"] as const;

/** What holds a queue up; `null`: nothing, or nothing waits. */
function hindranceOf({ paused, statistics, maxRunning }: QueueOverview): (typeof hindrances)[number] | null {
  if (statistics === undefined || statistics.pending === 0n) return paused ? "paused" : null;
  if (paused) return "paused";
  if (statistics.workers === 0) return "no worker";
  if (statistics.unhandledTypes.length > 0) return "no handler";
  return maxRunning > 0 && statistics.running >= BigInt(maxRunning) ? "at its limit" : null;
}

/** The queues that are held up, the worst first, then those in which most waits. */
export function inOrder(queues: Iterable<QueueOverview>): QueueOverview[] {
  const rank = (queue: QueueOverview) => {
    const hindrance = hindranceOf(queue);
    return hindrance === null ? hindrances.length : hindrances.indexOf(hindrance);
  };
  const pending = ({ statistics }: QueueOverview) => Number(statistics?.pending ?? 0n);
  const ranked = Array.from(queues, (queue) => ({ queue, rank: rank(queue), pending: pending(queue) }));
  ranked.sort((a, b) => a.rank - b.rank || b.pending - a.pending || (a.queue.name < b.queue.name ? -1 : 1));
  return ranked.map(({ queue }) => queue);
}

function note(queue: QueueOverview, paint: Paint): string {
  const hindrance = hindranceOf(queue);
  if (hindrance === null) return "";
  return hindrance === "no worker" || hindrance === "no handler" ? paint.bad(hindrance) : paint.warning(hindrance);
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
