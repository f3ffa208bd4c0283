import { WorkerConnectionState as WorkerState, type WorkerView } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { ago, msOf, roughly } from "../terminal/times.ts";

/** Workers, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function workerTable(workers: readonly WorkerView[], layout: Layout, nowMs: number = Date.now()): string {
  const { paint } = layout;
  const remark: Column<WorkerView> = { title: "REMARK", cell: (each) => paint.warning(remarkOn(each)), least: 15 };
  const columns: readonly Column<WorkerView>[] = [
    { title: "WORKER", cell: ({ id }) => printable(id), least: 16 },
    { title: "SERVICE", cell: ({ service }) => printable(service), least: 10, leaveOut: 3 },
    { title: "QUEUES", cell: ({ queues }) => queues.join(", "), least: 12 },
    { title: "BUSY", cell: ({ inFlight, capacity }) => `${inFlight}/${capacity}`, align: "right" },
    { title: "STATE", cell: ({ state }) => paintedState(state, paint) },
    { title: "CONNECTED", cell: ({ connectTime }) => span(msOf(connectTime), nowMs), align: "right", leaveOut: 2 },
    { title: "LAST SEEN", cell: ({ lastSeenTime }) => seen(msOf(lastSeenTime), nowMs), align: "right" },
    { title: "ADDRESS", cell: ({ address }) => printable(address), leaveOut: 1 },
    ...(workers.some(({ replacementCount }) => replacementCount > 0) ? [remark] : []),
  ];
  return tableText(columns, workers, layout);
}

/** Two processes of one name take it from each other: an operator is to see it where the workers are listed. */
function remarkOn({ replacementCount, replacedInFlight }: WorkerView): string {
  if (replacementCount === 0) return "";
  const times = replacementCount === 1 ? "once" : `${replacementCount} times`;
  const left = replacedInFlight === 0 ? "" : `, ${replacedInFlight} still leased to the former`;
  return `id taken over ${times}${left}`;
}

function paintedState(state: WorkerState, paint: Paint): string {
  const word = WorkerState[state] ?? String(state);
  switch (state) {
    case WorkerState.CONNECTED:
      return paint.good(word);
    case WorkerState.DRAINING:
      return paint.warning(word);
    case WorkerState.DISCONNECTED:
      return paint.bad(word);
    case WorkerState.UNSPECIFIED:
      return word;
  }
}

function span(sinceMs: number | null, nowMs: number): string {
  return sinceMs === null ? "" : roughly(nowMs - sinceMs);
}

function seen(atMs: number | null, nowMs: number): string {
  return atMs === null ? "" : ago(atMs, nowMs);
}
