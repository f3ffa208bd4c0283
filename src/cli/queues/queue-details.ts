import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { BalancingStrategy, type Queue } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import type { Paint } from "../terminal/paint.ts";
import { factsText } from "../terminal/table.ts";
import { timeWithAge } from "../terminal/times.ts";
import { isUnattended, waitOfNext } from "./queue-table.ts";

/** All that is known of a queue, for people. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function queueDetails(queue: Queue, paint: Paint, nowMs: number = Date.now()): string {
  const settings = `${paint.bold("Settings")}\n${factsText(settingsOf(queue), paint)}`;
  return `${factsText(contentOf(queue, paint, nowMs), paint)}\n\n${settings}`;
}

function contentOf(queue: Queue, paint: Paint, nowMs: number): (readonly [string, string])[] {
  const { statistics } = queue;
  const count = (value: bigint | number = 0) => String(value);
  const workers = count(statistics?.workers);
  const wait = waitOfNext(queue, nowMs);
  return [
    ["Queue", queue.paused ? `${paint.bold(queue.name)}  ${paint.warning("paused")}` : paint.bold(queue.name)],
    ["Workers", isUnattended(queue) ? paint.warning(`${workers}: no worker`) : workers],
    ["Unhandled", paint.warning(unhandledList(queue))],
    ["Waiting", wait === "-" ? count(statistics?.pending) : `${statistics?.pending}, the next one for ${wait}`],
    ["Scheduled", count(statistics?.scheduled)],
    ["Blocked", count(statistics?.blocked)],
    ["Running", count(statistics?.running)],
    ["Completed", count(statistics?.completed)],
    ["Failed", count(statistics?.failed)],
    ["Cancelled", count(statistics?.cancelled)],
    ["Created", timeWithAge(queue.createTime, nowMs)],
    ["Changed", timeWithAge(queue.updateTime, nowMs)],
  ];
}

function settingsOf(queue: Queue): (readonly [string, string])[] {
  const { retryPolicy, retention } = queue;
  return [
    ["Max depth", queue.maxDepth === 0n ? "the server's limit" : String(queue.maxDepth)],
    ["Max running", queue.maxRunning === 0 ? "no limit" : String(queue.maxRunning)],
    ["Strategy", (BalancingStrategy[queue.strategy] ?? "").toLowerCase().replaceAll("_", "-")],
    ["Max attempts", String(queue.maxAttempts)],
    ["Attempt timeout", span(queue.attemptTimeout) || "none, only the lease"],
    ["Initial backoff", span(retryPolicy?.initialBackoff)],
    ["Max backoff", span(retryPolicy?.maxBackoff)],
    ["Backoff multiplier", String(retryPolicy?.multiplier ?? "")],
    ["Backoff jitter", String(retryPolicy?.jitter ?? "")],
    ["Retention of completed", span(retention?.completed)],
    ["Retention of failed", span(retention?.failed)],
    ["Retention of cancelled", span(retention?.cancelled)],
  ];
}

/** `invoice.send (12 waiting)`, one a line. */
function unhandledList({ statistics }: Queue): string {
  return (statistics?.unhandledTypes ?? []).map(({ type, pending }) => `${type} (${pending} waiting)`).join("\n");
}

function span(duration: Duration | undefined): string {
  return duration === undefined ? "" : formatDuration(durationMs(duration));
}
