import { WorkerConnectionState as WorkerState, type WorkerView } from "../../client/index.ts";
import type { Paint } from "./paint.ts";
import { printable } from "./printable.ts";
import { type Column, tableText } from "./table.ts";
import { ago, msOf, roughly } from "./times.ts";

/** Workers, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function workerTable(workers: readonly WorkerView[], paint: Paint, nowMs: number = Date.now()): string {
  const columns: readonly Column<WorkerView>[] = [
    { title: "WORKER", cell: ({ id }) => printable(id) },
    { title: "SERVICE", cell: ({ service }) => printable(service) },
    { title: "QUEUES", cell: ({ queues }) => queues.join(", ") },
    { title: "BUSY", cell: ({ inFlight, capacity }) => `${inFlight}/${capacity}`, align: "right" },
    { title: "STATE", cell: ({ state }) => paintedState(state, paint) },
    { title: "CONNECTED", cell: ({ connectTime }) => span(msOf(connectTime), nowMs), align: "right" },
    { title: "LAST SEEN", cell: ({ lastSeenTime }) => seen(msOf(lastSeenTime), nowMs), align: "right" },
    { title: "ADDRESS", cell: ({ address }) => printable(address) },
  ];
  return tableText(columns, workers, paint);
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
