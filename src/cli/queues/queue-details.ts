import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { BalancingStrategy, type Queue, type QueueSettingChange } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, factsText, tableText } from "../terminal/table.ts";
import { ago, msOf, timeWithAge } from "../terminal/times.ts";
import { isUnattended, waitOfNext } from "./queue-table.ts";

/** All that is known of a queue, for people. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function queueDetails(queue: Queue, layout: Layout, nowMs: number = Date.now()): string {
  return `${factsText(contentOf(queue, layout.paint, nowMs), layout.paint)}\n\n${settingsTable(queue, layout, nowMs)}`;
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

interface Setting {
  readonly name: string;
  readonly value: string;
  /** The value before the last change; empty: there was no change. */
  readonly previous: string;
  readonly change: QueueSettingChange | undefined;
}

/** The settings, one a line, each with who changed it. */
function settingsTable(queue: Queue, layout: Layout, nowMs: number): string {
  const columns: readonly Column<Setting>[] = [
    { title: "SETTING", cell: ({ name }) => name },
    { title: "VALUE", cell: ({ value }) => value },
    { title: "CHANGED", cell: ({ change }) => (change === undefined ? "" : ago(msOf(change.changeTime) ?? 0, nowMs)) },
    { title: "BY", cell: ({ change }) => printable(change?.principal ?? ""), least: 8 },
    { title: "WAS", cell: ({ previous }) => printable(previous), least: 8, leaveOut: 1 },
    { title: "REASON", cell: ({ change }) => printable(change?.reason ?? ""), least: 8, leaveOut: 2 },
  ];
  const shown = columns.filter(
    ({ cell }, index) => index < 2 || settingsOf(queue).some((setting) => cell(setting, layout.paint) !== ""),
  );
  return tableText(shown, settingsOf(queue), layout);
}

function settingsOf(queue: Queue): Setting[] {
  const { retryPolicy, retention } = queue;
  const strategy = (BalancingStrategy[queue.strategy] ?? "").toLowerCase().replaceAll("_", "-");
  const values: readonly (readonly [field: string, name: string, value: string])[] = [
    ["paused", "Paused", worded("paused", String(queue.paused))],
    ["max_depth", "Max depth", worded("max_depth", String(queue.maxDepth))],
    ["max_running", "Max running", worded("max_running", String(queue.maxRunning))],
    ["strategy", "Strategy", strategy],
    ["max_attempts", "Max attempts", String(queue.maxAttempts)],
    ["attempt_timeout", "Attempt timeout", span(queue.attemptTimeout) || "none, only the lease"],
    ["retry_policy", "Initial backoff", span(retryPolicy?.initialBackoff)],
    ["", "Max backoff", span(retryPolicy?.maxBackoff)],
    ["", "Backoff multiplier", String(retryPolicy?.multiplier ?? "")],
    ["", "Backoff jitter", String(retryPolicy?.jitter ?? "")],
    ["retention", "Retention of completed", span(retention?.completed)],
    ["", "Retention of failed", span(retention?.failed)],
    ["", "Retention of cancelled", span(retention?.cancelled)],
  ];
  return values
    .filter(([, , value]) => value !== "")
    .map(([field, name, value]) => {
      const change = queue.settingChanges.find((each) => each.field === field);
      return { name, value, change, previous: worded(field, change?.previousValue ?? "") };
    });
}

/** A value in the words of people, the present one as the one before. */
function worded(field: string, value: string): string {
  return words[`${field} ${value}`] ?? value;
}

const words: Readonly<Record<string, string>> = {
  "paused true": "yes",
  "paused false": "no",
  "max_depth 0": "the server's limit",
  "max_running 0": "no limit",
};

/** `invoice.send (12 waiting)`, one a line. */
function unhandledList({ statistics }: Queue): string {
  return (statistics?.unhandledTypes ?? []).map(({ type, pending }) => `${type} (${pending} waiting)`).join("\n");
}

function span(duration: Duration | undefined): string {
  return duration === undefined ? "" : formatDuration(durationMs(duration));
}
