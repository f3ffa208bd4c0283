import { stripVTControlCharacters } from "node:util";
import { type Problem, type Task, TaskState, type WorkerView } from "../../client/index.ts";
import { displayWidth } from "../terminal/layout.ts";
import { counted } from "../terminal/numbers.ts";
import { createPaint, type Paint } from "../terminal/paint.ts";
import { clipped, printable } from "../terminal/printable.ts";
import { tableText } from "../terminal/table.ts";
import { ago, msOf, timeOfDay } from "../terminal/times.ts";
import type { LiveOverview } from "./live-overview.ts";
import { inOrder, overviewTable } from "./overview-table.ts";
import { problemLine, totalsLine } from "./problem-lines.ts";

/** What `sitq top` shows. */
export interface TopState {
  readonly address: string;
  /** Only queues with this in their name are shown; empty: all. */
  readonly nameContains: string;
  readonly live: LiveOverview;
  /** Why the stream is broken; `null`: it is not. */
  broken: string | null;
  /** The name of the chosen queue, or inside a queue the id of the chosen worker; empty: the first. */
  chosen: string;
  /** The queue that is looked into; `null`: none. */
  inside: QueueInside | null;
  /** What is asked, to be answered by `y`; `null`: nothing. */
  question: string | null;
  /** What was done, or went wrong; empty: nothing. */
  notice: string;
}

/** The inside of a queue. */
export interface QueueInside {
  readonly queue: string;
  readonly workers: readonly WorkerView[];
  readonly tasks: readonly Task[];
}

/** How large the terminal is, and whether it has colours. */
export interface TopSize {
  readonly rows: number;
  readonly columns: number;
  readonly colours: boolean;
}

/** How many problems are shown. */
const mostProblems = 4;

/** What can be chosen, in the order in which it is shown. */
export function choicesOf({ live, inside }: TopState): string[] {
  if (inside !== null) return inside.workers.map(({ id }) => id);
  return inOrder(live.queues.values()).map(({ name }) => name);
}

/** Where the choice stands; the first if it is gone. */
export function chosenIndex(state: TopState): number {
  return Math.max(choicesOf(state).indexOf(state.chosen), 0);
}

/** The lines of the screen, of which none is longer than it and which are not more than it has. */
export function topLines(state: TopState, size: TopSize, nowMs: number): string[] {
  const paint = createPaint(size.colours);
  const head = headLines(state, paint, nowMs);
  const foot = footLine(state, paint);
  const room = size.rows - head.length - 1;
  const body =
    state.inside === null ? queueLines(state, size, room, nowMs) : insideLines(state, state.inside, size, nowMs);
  const fitted = body.slice(0, room);
  const blank = Array.from({ length: Math.max(room - fitted.length, 0) }, () => "");
  return [...head, ...fitted, ...blank, foot].map((line) => within(line, size.columns));
}

function headLines({ address, live, broken, inside }: TopState, paint: Paint, nowMs: number): string[] {
  const state = broken === null ? paint.good("live") : paint.bad(`broken, reconnecting: ${printable(broken)}`);
  const title = `${paint.bold("sitq top")}  ${address}  ${timeOfDay(nowMs)}  ${state}`;
  const totals = live.totals === undefined ? "" : totalsLine(live.totals);
  return [title, totals, ...(inside === null ? problemHead(live.problems, paint) : []), ""];
}

function problemHead(problems: readonly Problem[], paint: Paint): string[] {
  if (problems.length === 0) return [paint.good("All is well.")];
  const shown = problems.slice(0, mostProblems).map((problem) => problemLine(problem, paint));
  const rest = problems.slice(mostProblems).reduce((sum, { subjectCount }) => sum + subjectCount, 0);
  return rest === 0 ? shown : [...shown, paint.dim(`          and ${rest} more: sitq status`)];
}

function queueLines(state: TopState, size: TopSize, room: number, nowMs: number): string[] {
  const queues = inOrder(state.live.queues.values());
  if (queues.length === 0) return [noQueues(state.nameContains)];
  const paint = createPaint(size.colours);
  const at = chosenIndex(state);
  // The chosen one stays on the screen.
  const hidden = Math.max(state.live.matchingQueues - queues.length, 0);
  const rows = Math.max(room - 1 - (hidden > 0 ? 1 : 0), 1);
  const from = Math.min(Math.max(at - rows + 1, 0), Math.max(queues.length - rows, 0));
  const shown = queues.slice(from, from + rows);
  const [title = "", ...lines] = overviewTable(shown, { paint, width: size.columns - 2 }, nowMs).split("\n");
  const more =
    hidden === 0 ? [] : [paint.dim(`  and ${counted(hidden, "queue")} more: --name PART shows those of a name`)];
  return [`  ${title}`, ...lines.map((line, index) => marked(line, from + index === at, paint)), ...more];
}

/** What is shown where there are no queues. */
export function noQueues(nameContains: string): string {
  if (nameContains !== "") return `No queue has "${printable(nameContains)}" in its name.`;
  return "No queues yet: a queue is created by its first task or worker.";
}

function insideLines(state: TopState, { queue, workers, tasks }: QueueInside, size: TopSize, nowMs: number): string[] {
  const paint = createPaint(size.colours);
  const layout = { paint, width: size.columns - 2 };
  const workerColumns = [
    { title: "WORKER", cell: ({ id }: WorkerView) => printable(id), least: 12 },
    { title: "SERVICE", cell: ({ service }: WorkerView) => printable(service), least: 6, leaveOut: 1 },
    { title: "RUNS", cell: ({ inFlight, capacity }: WorkerView) => `${inFlight}/${capacity}` },
  ];
  const taskColumns = [
    { title: "TASK", cell: ({ id }: Task) => id },
    { title: "TYPE", cell: ({ type }: Task) => printable(type), least: 8 },
    { title: "STATE", cell: ({ state: is }: Task) => TaskState[is] ?? "" },
    { title: "CREATED", cell: ({ createTime }: Task) => ago(msOf(createTime) ?? nowMs, nowMs) },
  ];
  const at = chosenIndex(state);
  const [workerTitle = "", ...workerRows] = tableText(workerColumns, workers, layout).split("\n");
  const taskLines = tableText(taskColumns, tasks, layout).split("\n");
  return [
    paint.bold(`Queue ${queue}`),
    ...(workers.length === 0 ? ["  No worker."] : [`  ${workerTitle}`]),
    ...workerRows.slice(0, workers.length).map((line, index) => marked(line, index === at, paint)),
    "",
    ...(tasks.length === 0 ? ["  No tasks."] : taskLines.map((line) => `  ${line}`)),
  ];
}

function marked(line: string, isChosen: boolean, paint: Paint): string {
  return isChosen ? `${paint.active(">")} ${paint.bold(line)}` : `  ${line}`;
}

function footLine({ question, notice, inside }: TopState, paint: Paint): string {
  if (question !== null) return paint.warning(`${question} [y/N]`);
  const keys = inside === null ? "enter look inside  p pause/resume" : "esc back  d drain worker  p pause/resume";
  return notice === "" ? paint.dim(`j/k move  ${keys}  q quit`) : `${notice}  ${paint.dim("q quit")}`;
}

/** A line cut down to the width. A line that is cut loses its colours. */
function within(line: string, columns: number): string {
  return displayWidth(line) <= columns ? line : clipped(stripVTControlCharacters(line), columns);
}
