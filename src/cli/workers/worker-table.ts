import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { WorkerConnectionState as WorkerState, type WorkerView } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import { grouped } from "../terminal/numbers.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { ago, closely, msOf, roughly } from "../terminal/times.ts";

/** Workers, one a line, with how their attempts of the last minutes ended. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function workerTable(workers: readonly WorkerView[], layout: Layout, nowMs: number = Date.now()): string {
  const { paint } = layout;
  const remarkOf = (each: WorkerView) => remarkOn(each, nowMs);
  const remark: Column<WorkerView> = { title: "REMARK", cell: (each) => paint.warning(remarkOf(each)), least: 15 };
  const server: Column<WorkerView> = {
    title: "SERVER",
    cell: ({ serverId }) => String(serverId || "-"),
    align: "right",
  };
  const columns: readonly Column<WorkerView>[] = [
    { title: "WORKER", cell: ({ id }) => printable(id), least: 16 },
    { title: "SERVICE", cell: ({ service }) => printable(service), least: 10, leaveOut: 3 },
    { title: "QUEUES", cell: ({ queues }) => queues.join(", "), least: 12, leaveOut: 5 },
    {
      title: "BUSY",
      cell: ({ inFlight, capacity }) => (capacity === 0 ? String(inFlight) : `${inFlight}/${capacity}`),
      align: "right",
    },
    { title: "STATE", cell: (worker) => stateText(worker, paint, nowMs) },
    { title: "DONE", cell: ({ statistics }) => grouped(statistics?.completed ?? 0n), align: "right" },
    { title: "FAILED", cell: ({ statistics }) => badText(statistics?.failed, paint), align: "right" },
    { title: "LOST", cell: ({ statistics }) => badText(statistics?.lost, paint), align: "right" },
    { title: "MEDIAN", cell: ({ statistics }) => durationText(statistics?.medianDuration), align: "right" },
    { title: "P95", cell: ({ statistics }) => durationText(statistics?.p95Duration), align: "right" },
    { title: "OLDEST", cell: ({ oldestStartTime }) => span(msOf(oldestStartTime), nowMs) || "-", align: "right" },
    { title: "CONNECTED", cell: ({ connectTime }) => span(msOf(connectTime), nowMs), align: "right", leaveOut: 2 },
    { title: "LAST SEEN", cell: ({ lastSeenTime }) => seen(msOf(lastSeenTime), nowMs), align: "right", leaveOut: 4 },
    { title: "ADDRESS", cell: ({ address }) => printable(address), leaveOut: 1 },
    ...(workers.some(({ serverId }) => serverId !== 0) ? [server] : []),
    ...(workers.some((each) => remarkOf(each) !== "") ? [remark] : []),
  ];
  return tableText(columns, workers, layout);
}

/** Processes of one name take it from each other, or die and come back: an operator is to see it where the workers are listed. */
function remarkOn({ replacementCount, replacedInFlight, lostTime, state }: WorkerView, nowMs: number): string {
  const lostMs = state === WorkerState.LOST ? null : msOf(lostTime);
  const lost = lostMs === null ? [] : [`was lost ${ago(lostMs, nowMs)}`];
  if (replacementCount === 0) return lost.join();
  const times = replacementCount === 1 ? "once" : `${replacementCount} times`;
  const left = replacedInFlight === 0 ? "" : `, ${replacedInFlight} still leased to the former`;
  return [...lost, `id taken over ${times}${left}`].join("; ");
}

function stateText({ state, lostTime }: WorkerView, paint: Paint, nowMs: number): string {
  const word = WorkerState[state] ?? String(state);
  switch (state) {
    case WorkerState.CONNECTED:
      return paint.good(word);
    case WorkerState.DRAINING:
      return paint.warning(word);
    case WorkerState.DISCONNECTED:
      return paint.bad(word);
    case WorkerState.LOST:
      return paint.bad([word, seen(msOf(lostTime), nowMs)].join(" ").trimEnd());
    case WorkerState.CLAIMING:
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

function durationText(duration: Duration | undefined): string {
  return duration === undefined ? "-" : closely(durationMs(duration));
}

function badText(n: bigint | undefined, paint: Paint): string {
  return n === undefined || n === 0n ? "0" : paint.bad(grouped(n));
}
