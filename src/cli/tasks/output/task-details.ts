import { durationMs } from "@bufbuild/protobuf/wkt";
import { type Explanation, type Task, type TaskAttempt, TaskState } from "../../../client/index.ts";
import { formatDuration, roughDuration } from "../../../contract/duration.ts";
import type { Layout } from "../../terminal/layout.ts";
import type { Paint } from "../../terminal/paint.ts";
import { damagedText, fieldText, hiddenText } from "../../terminal/payload-text.ts";
import { clipped, printable, printableLines } from "../../terminal/printable.ts";
import { type Column, factsText, tableText } from "../../terminal/table.ts";
import { localTime, msOf, timeWithAge } from "../../terminal/times.ts";
import { attemptTook, errorLine, outcomeWord, paintedState, taskRemark } from "./task-words.ts";

/** All that is known of a task, for people. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function taskDetails(
  task: Task,
  layout: Layout,
  options: {
    readonly explanation?: Explanation | undefined;
    readonly nowMs?: number;
    readonly isHidden?: boolean;
  } = {},
): string {
  const { explanation, nowMs = Date.now(), isHidden = false } = options;
  const { paint } = layout;
  const parts = [factsText(factsOf(task, paint, { nowMs, explanation, isHidden }), paint)];
  const section = (title: string, content: string) => parts.push(`${paint.bold(title)}\n${content}`);
  const { damagedFields } = task;
  const absence = { damagedFields, isHidden };
  section("Payload", fieldText(task.payload, "payload", absence));
  const isResultHidden = isHidden && task.state === TaskState.COMPLETED;
  if (task.result !== undefined || damagedFields.includes("result") || isResultHidden) {
    section("Result", fieldText(task.result, "result", absence));
  }
  if (task.attempts.length > 0) section("Attempts", tableText(attemptColumns, task.attempts, layout));
  const trace = task.lastError?.stackTrace ?? "";
  if (trace !== "") section("Trace", printableLines(trace).trimEnd());
  return parts.join("\n\n");
}

interface DetailFacts {
  readonly nowMs: number;
  readonly explanation: Explanation | undefined;
  readonly isHidden: boolean;
}

function factsOf(
  task: Task,
  paint: Paint,
  { nowMs, explanation, isHidden }: DetailFacts,
): (readonly [string, string])[] {
  const isWhyHidden = isHidden && task.lastError !== undefined && task.lastError.message === "";
  const remark = [clipped(taskRemark(task, nowMs, explanation), 500), isWhyHidden ? hiddenText : ""];
  const headers = Object.entries(task.headers).map(([key, value]) => `${printable(key)}=${printable(value)}`);
  const headersText = isHidden && headers.length === 0 ? hiddenText : headers.join("\n");
  const timeout = task.attemptTimeout === undefined ? "" : formatDuration(durationMs(task.attemptTimeout));
  return [
    ["Task", paint.bold(task.id)],
    ["Queue", task.queue],
    ["Type", task.type],
    ["State", [paintedState(task.state, paint), ...remark].filter((part) => part !== "").join("  ")],
    ["Delivers", deliveryWords(task)],
    ["Step", stepWords(task)],
    ["Reruns", task.origin?.rerunOfTaskId ?? ""],
    ["Attempt", `${task.attempt} of ${task.maxAttempts}`],
    ["Priority", task.priority === 0 ? "" : String(task.priority)],
    ["Worker", printable(task.workerId)],
    ["Created", timeWithAge(task.createTime, nowMs)],
    ["Scheduled", timeWithAge(task.scheduleTime, nowMs)],
    ["Started", timeWithAge(task.startTime, nowMs)],
    ["Finished", timeWithAge(task.finishTime, nowMs)],
    ["Took", attemptTook(task)],
    ["Expires", timeWithAge(task.expireTime, nowMs)],
    ["Attempt timeout", timeout],
    ["Correlation id", printable(task.correlationId)],
    ["From service", printable(task.sourceService)],
    ["Deduplication key", printable(task.deduplicationKey)],
    ["Request id", printable(task.requestId)],
    ["Headers", task.damagedFields.includes("headers") ? damagedText : headersText],
  ];
}

/** The step of a workflow that a task is, or undoes; empty: it is none. */
function stepWords({ origin }: Task): string {
  if (origin === undefined || origin.workflowId === "") return "";
  return `${origin.stepId} of workflow ${origin.workflowId}${origin.isCompensation ? ", which it undoes" : ""}`;
}

/** The event that a task delivers, and to whom; empty: it delivers none. */
function deliveryWords({ origin }: Task): string {
  if (origin === undefined || origin.subscription === "") return "";
  const { eventId, eventSourceService, subscription } = origin;
  return `event ${printable(eventId)} of ${printable(eventSourceService)} to ${subscription}`;
}

const attemptColumns: readonly Column<TaskAttempt>[] = [
  { title: "#", cell: ({ attempt }) => String(attempt), align: "right" },
  { title: "OUTCOME", cell: ({ outcome }) => outcomeWord(outcome) },
  { title: "WORKER", cell: ({ workerId }) => printable(workerId), least: 10, leaveOut: 1 },
  { title: "STARTED", cell: ({ startTime }) => localTimeOf(msOf(startTime)) },
  { title: "TOOK", cell: tookOf, align: "right" },
  { title: "ERROR", cell: ({ error }) => clipped(errorLine(error), 80), least: 20 },
];

function localTimeOf(ms: number | null): string {
  return ms === null ? "" : localTime(ms);
}

function tookOf({ startTime, finishTime }: TaskAttempt): string {
  const [fromMs, toMs] = [msOf(startTime), msOf(finishTime)];
  if (fromMs === null || toMs === null) return "";
  return roughDuration(toMs - fromMs);
}
