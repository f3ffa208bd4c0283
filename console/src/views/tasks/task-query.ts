/** The filter of tasks, as the address has it: `#/tasks?queue=mail&state=failed&error=SmtpError`, in the words of `sitq list`. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { TaskFilterSchema } from "../../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { parseDuration } from "../../../../src/contract/duration.ts";
import { shellQuoted } from "../../rpc/shell-quoted.ts";

/** The states of a task, by their words. */
export const stateWords = {
  blocked: TaskState.BLOCKED,
  scheduled: TaskState.SCHEDULED,
  pending: TaskState.PENDING,
  running: TaskState.RUNNING,
  completed: TaskState.COMPLETED,
  failed: TaskState.FAILED,
  cancelled: TaskState.CANCELLED,
} as const;
/** A state of a task. */
export type StateWord = keyof typeof stateWords;

/** What is asked of one text each. Empty: anything. */
export const textFields = [
  "queue",
  "type",
  "error-text",
  "correlation-id",
  "worker",
  "source",
  "attempt",
  "priority",
  "state-age",
  "since",
  "until",
] as const;
/** A field that holds one text. */
export type TextField = (typeof textFields)[number];

/** A filter as it was typed. */
export interface TaskQuery {
  readonly texts: Readonly<Partial<Record<TextField, string>>>;
  readonly states: readonly StateWord[];
  /** The type of the last error. Empty: of an error without a type; `null`: any, or none. */
  readonly error: string | null;
  readonly oldestFirst: boolean;
  /** What of the address is no filter of tasks: `state=faild`. Without it the filter would mean more tasks. */
  readonly unknown: readonly string[];
}

/** A filter that a call takes, and what cannot be read of it, by field. */
export interface ReadQuery {
  readonly filter: MessageInitShape<typeof TaskFilterSchema>;
  readonly problems: ReadonlyMap<TextField, string>;
}

/** Reads the filter of an address. */
export function parseTaskQuery(params: URLSearchParams): TaskQuery {
  const texts: Partial<Record<TextField, string>> = {};
  for (const field of textFields) {
    const text = params.get(field)?.trim() ?? "";
    if (text !== "") texts[field] = text;
  }
  const states = params.getAll("state").flatMap((text) => text.toLowerCase().split(","));
  return {
    texts,
    states: stateNames.filter((word) => states.includes(word)),
    error: params.get("error"),
    oldestFirst: params.get("order") === "oldest",
    unknown: [...params].filter(([name, value]) => !isKnown(name, value)).map(([name, value]) => `${name}=${value}`),
  };
}

function isKnown(name: string, value: string): boolean {
  switch (name) {
    case "state":
      return value
        .toLowerCase()
        .split(",")
        .every((word) => stateNames.some((state) => state === word));
    case "order":
      return value === "oldest" || value === "newest";
    default:
      return name === "error" || textFields.some((field) => field === name);
  }
}

/** The words of all states, in the order of a task's life. */
export const stateNames: readonly StateWord[] = [
  "blocked",
  "scheduled",
  "pending",
  "running",
  "completed",
  "failed",
  "cancelled",
];

/** Where the tasks of a filter are listed. */
export function tasksHref({ texts, states, error, oldestFirst }: Partial<TaskQuery>): string {
  const params = new URLSearchParams();
  for (const field of textFields) {
    const text = texts?.[field]?.trim() ?? "";
    if (text !== "") params.set(field, text);
  }
  for (const state of states ?? []) params.append("state", state);
  if (error !== null && error !== undefined) params.set("error", error);
  if (oldestFirst) params.set("order", "oldest");
  const text = params.toString();
  return text === "" ? "#/tasks" : `#/tasks?${text}`;
}

/** The filter of a call. */
export function readTaskQuery({ texts, states, error }: TaskQuery): ReadQuery {
  const problems = new Map<TextField, string>();
  function read<T>(field: TextField, parse: (text: string) => T | null, problem: string): T | undefined {
    const text = texts[field];
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === null) problems.set(field, problem);
    return value ?? undefined;
  }
  const attempt = read("attempt", parseRange, "A number or a range: 3, 3.., ..5, 3..5.");
  const priority = read("priority", parseRange, "A number or a range: 3, 3.., ..5, -10..5.");
  const stateAgeMs = read("state-age", (text) => parseDuration(text) ?? null, "A span: 30s, 10m, 1h30m, 2d.");
  const since = read("since", parseTime, "A time: 2026-11-29T15:00:00Z.");
  const until = read("until", parseTime, "A time: 2026-11-29T15:00:00Z.");
  const filter: MessageInitShape<typeof TaskFilterSchema> = {
    queue: texts.queue ?? "",
    type: texts.type ?? "",
    states: states.map((word) => stateWords[word]),
    correlationId: texts["correlation-id"] ?? "",
    errorText: texts["error-text"] ?? "",
    workerId: texts.worker ?? "",
    sourceService: texts.source ?? "",
    ...(error !== null && { errorType: error }),
    ...(attempt?.least !== undefined && { minAttempt: attempt.least }),
    ...(attempt?.most !== undefined && { maxAttempt: attempt.most }),
    ...(priority?.least !== undefined && { minPriority: priority.least }),
    ...(priority?.most !== undefined && { maxPriority: priority.most }),
    ...(stateAgeMs !== undefined && { minStateAge: durationFromMs(stateAgeMs) }),
    ...(since !== undefined && { createdAfter: timestampFromMs(since) }),
    ...(until !== undefined && { createdBefore: timestampFromMs(until) }),
  };
  return { filter, problems };
}

/** A filter as the options of `sitq list`, `retry`, `cancel` and `delete`. */
export function filterOptions({ texts, states, error }: TaskQuery): string {
  const words: string[] = [];
  for (const field of textFields) {
    const text = texts[field];
    if (text !== undefined) words.push(`--${field} ${shellQuoted(text)}`);
  }
  if (states.length > 0) words.push(`--state ${states.join(",")}`);
  if (error !== null) words.push(`--error ${shellQuoted(error)}`);
  return words.join(" ");
}

interface Range {
  readonly least?: number;
  readonly most?: number;
}

/** `3`, `3..`, `..5`, `3..5`; `null`: it is none of these. */
function parseRange(text: string): Range | null {
  const whole = /^-?\d{1,6}$/;
  if (whole.test(text)) return { least: Number(text), most: Number(text) };
  const [least = "", most = "", ...rest] = text.split("..");
  if (rest.length > 0 || !text.includes("..") || (least === "" && most === "")) return null;
  if ((least !== "" && !whole.test(least)) || (most !== "" && !whole.test(most))) return null;
  return { ...(least !== "" && { least: Number(least) }), ...(most !== "" && { most: Number(most) }) };
}

function parseTime(text: string): number | null {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
