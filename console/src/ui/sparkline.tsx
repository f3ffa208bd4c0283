import type { QueueHistory } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { count } from "./text.ts";

/** Steps of five seconds in five minutes. */
const mostSteps = 60;
const stepWidth = 2;
/** The base line, above which is what was stored and finished, and below which is what failed. */
const base = 16;
const height = 22;

/** What a queue's tasks did in the last five minutes: stored as a line, finished as bars, failed as bars that hang down. */
export function Sparkline({ history }: { readonly history: QueueHistory | undefined }) {
  const { enqueued = [], finished = [], failed = [] } = history ?? {};
  const most = Math.max(1, ...enqueued, ...finished);
  const mostFailed = Math.max(1, ...failed);
  const label = `in five minutes ${sum(enqueued)} stored, ${sum(finished)} done, ${sum(failed)} failed`;
  return (
    <svg
      class="sparkline"
      role="img"
      aria-label={label}
      viewBox={`-1 0 ${mostSteps * stepWidth} ${height}`}
      preserveAspectRatio="none"
    >
      <title>{label}</title>
      <path class="done" d={bars(finished, -(base - 1) / most)} />
      <path class="failed" d={bars(failed, (height - base) / mostFailed)} />
      <path class="in" d={line(enqueued, -(base - 1) / most)} />
    </svg>
  );
}

/** The newest step is at the end, however many there are. */
function at(steps: readonly number[], index: number): number {
  return (mostSteps - steps.length + index) * stepWidth;
}

function bars(steps: readonly number[], scale: number): string {
  return steps.map((n, index) => (n === 0 ? "" : `M${at(steps, index)} ${base}v${atLeastOne(n * scale)}`)).join("");
}

function line(steps: readonly number[], scale: number): string {
  if (steps.every((n) => n === 0)) return "";
  return steps.map((n, index) => `${index === 0 ? "M" : "L"}${at(steps, index)} ${base + round(n * scale)}`).join("");
}

function atLeastOne(length: number): number {
  return Math.sign(length) * Math.max(1, Math.abs(round(length)));
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}

function sum(steps: readonly number[]): string {
  return count(steps.reduce((total, n) => total + n, 0));
}
