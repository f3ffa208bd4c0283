/**
 * Says why a task is not running, and when it is expected to: one sentence for each reason, the same for every client. No sentence holds
 * content of a task, such as the message of an error, which some who may see the task may not read.
 */

import { quoted } from "../errors.ts";
import { pauseWords } from "../tasks/setting-changes.ts";
import type { Blockers, Explanation, LiveFacts, ReservedWorker, Staff, StoredWait, WaitReason } from "./wait-facts.ts";

/** What holds a task back, and in which words. */
interface Obstacle {
  readonly reason: WaitReason;
  readonly words: string;
}

/** How many of the tasks that another waits for are named. */
export const mostNamedTasks = 10;
/** How many names a sentence has. */
const mostNames = 5;

/** Why a task is not running. */
export function explain(wait: StoredWait, live: LiveFacts, nowMs: number): Explanation {
  const { sinceMs } = wait;
  const plain = { sinceMs, taskIds: [], stepIds: [], position: 0, rate: live.rate, expectedStartMs: null };
  switch (wait.state) {
    case "blocked":
      return { ...plain, ...blocked(wait.blockedBy) };
    case "scheduled": {
      const lasting = lastingObstacle(wait, live.staff);
      const message = `${dueWords(wait)}${lasting === null ? "" : `, but ${lasting.words}`}`;
      const reason = hadAttempt(wait) ? "retry" : "scheduled";
      return { ...plain, reason, message, expectedStartMs: lasting === null ? wait.dueMs : null };
    }
    case "pending":
      return { ...plain, ...pending(wait, live, nowMs) };
    case "running":
    case "completed":
    case "failed":
    case "cancelled":
      return { ...plain, reason: null, message: endWords(wait) };
  }
}

/** How a task stands that does not wait. */
function endWords({ state, attempt, workerId }: StoredWait): string {
  switch (state) {
    case "running":
      return `${workerId === null ? "a worker" : `the worker ${quoted(workerId)}`} runs its attempt ${attempt}`;
    case "completed":
      return "it is completed";
    case "failed":
      return "it has failed";
    default:
      return "it was cancelled";
  }
}

function blocked(blockers: Blockers | null): Pick<Explanation, "reason" | "message"> & Partial<Explanation> {
  switch (blockers?.kind) {
    case "steps": {
      const { stepIds, taskIds } = blockers;
      const message = `it waits for the step${stepIds.length === 1 ? "" : "s"} ${namesText(stepIds)}`;
      return { reason: "dependencies", message, stepIds, taskIds };
    }
    case "deliveries": {
      const { taskIds } = blockers;
      const [first = ""] = taskIds;
      const count = taskIds.length === mostNamedTasks ? `${mostNamedTasks} or more` : taskIds.length;
      const message =
        taskIds.length === 1
          ? `it waits for the earlier delivery ${first} of its ordering key`
          : `it waits for ${count} earlier deliveries of its ordering key, the next one is ${first}`;
      return { reason: "ordering", message, taskIds };
    }
    case "execution":
      return { reason: "not_executed", message: "the workflow waits for ExecuteWorkflow" };
    case undefined:
      // What it waited for has ended meanwhile.
      return { reason: "dependencies", message: "it waits for other tasks" };
  }
}

function hadAttempt({ attempt, lastOutcome }: StoredWait): boolean {
  return attempt > 0 || lastOutcome !== null;
}

function dueWords(wait: StoredWait): string {
  const due = wait.dueMs === null ? "later" : `at ${timeText(wait.dueMs)}`;
  if (!hadAttempt(wait)) return `its first attempt is due ${due}`;
  const { attempt, maxAttempts, lastOutcome, errorType } = wait;
  if (lastOutcome === "released") return `a worker released it; its next attempt is due ${due}`;
  const ended = lastOutcome === "timed_out" ? "timed out" : "failed";
  const why = errorType === "" || lastOutcome === "timed_out" ? "" : ` with ${quoted(errorType)}`;
  return `attempt ${attempt} of ${maxAttempts} ${ended}${why}; the next one is due ${due}`;
}

function pending(wait: StoredWait, live: LiveFacts, nowMs: number) {
  const position = wait.ahead === null ? 0 : wait.ahead + 1;
  const reservation = reserved(wait, live);
  if (reservation !== null) return { position, ...reservation };
  const lasting = lastingObstacle(wait, live.staff);
  if (lasting !== null) return { reason: lasting.reason, message: lasting.words, position };
  const { rate } = live;
  const isTimed = position > 0 && rate > 0;
  const expectedStartMs = isTimed ? nowMs + Math.round((position / rate) * 1_000) : null;
  const passing = passingObstacle(wait, live.staff);
  const pace = position > 0 ? rateWords(rate) : "";
  if (passing !== null) {
    return {
      reason: passing.reason,
      message: `${passing.words}; ${placeWords(position)}${pace}`,
      position,
      expectedStartMs,
    };
  }
  const message = `${placeWords(position)} of the queue ${quoted(wait.queue)}${pace}`;
  return { reason: "in_line" as const, message, position, expectedStartMs };
}

/** Why the worker of a reservation does not take the task; `null`: there is none, or that worker is not what holds it back. */
function reserved({ reservedFor, limits }: StoredWait, { staff, reservedWorker }: LiveFacts) {
  if (reservedFor === null || limits.paused || staff.isStopping) return null;
  if (reservedWorker === "free" && isAtMaxRunning(limits)) return null;
  const { workerId, untilMs } = reservedFor;
  const where = reservedWords[reservedWorker];
  const message = `until ${timeText(untilMs)} it is reserved for the worker ${quoted(workerId)}${where}`;
  // After that any worker may have it.
  const isFreeThen = reservedWorker !== "free" && reservedWorker !== "full" && staff.room > 0;
  return { reason: "reserved" as const, message, expectedStartMs: isFreeThen ? untilMs : null };
}

const reservedWords: Readonly<Record<ReservedWorker, string>> = {
  away: ", which is not connected",
  other_types: ", which does not handle its type",
  draining: ", which is draining",
  full: ", which is full",
  free: "",
};

/** What does not pass by itself. */
function lastingObstacle({ queue, type, limits }: StoredWait, staff: Staff): Obstacle | null {
  const name = quoted(queue);
  if (staff.isStopping) return { reason: "draining", words: "the server is stopping and hands out nothing more" };
  if (limits.paused) return { reason: "paused", words: `the queue ${name} is paused${pauseWords(limits.pausedBy)}` };
  if (staff.workers === 0) return { reason: "no_worker", words: `no worker is on the queue ${name}` };
  if (staff.handling === 0) {
    const none = staff.workers === 1 ? "the worker" : `none of the ${staff.workers} workers`;
    const handles = staff.workers === 1 ? "does not handle" : "handles";
    return { reason: "no_handler", words: `${none} on the queue ${name} ${handles} ${quoted(type)}` };
  }
  if (staff.taking > 0) return null;
  return { reason: "draining", words: `${handlers(staff.handling, name)} draining` };
}

/** What passes when a task ends. */
function passingObstacle({ queue, limits }: StoredWait, staff: Staff): Obstacle | null {
  const name = quoted(queue);
  if (isAtMaxRunning(limits)) {
    const { running, maxRunning } = limits;
    return { reason: "max_running", words: `the queue ${name} runs ${running} of at most ${maxRunning} tasks` };
  }
  if (staff.room > 0) return null;
  return { reason: "workers_full", words: `${handlers(staff.taking, name)} full` };
}

/** `the 2 workers on the queue "orders" that handle it are`. */
function handlers(count: number, name: string): string {
  return count === 1
    ? `the worker on the queue ${name} that handles it is`
    : `the ${count} workers on the queue ${name} that handle it are`;
}

function isAtMaxRunning({ maxRunning, running }: StoredWait["limits"]): boolean {
  return maxRunning > 0 && running >= maxRunning;
}

function placeWords(position: number): string {
  if (position === 0) return "it is far back in the line";
  return position === 1 ? "it is next in the line" : `it is ${ordinal(position)} in the line`;
}

/** `, at 2.5 hand-outs a second`; nothing, if nothing is handed out. */
function rateWords(rate: number): string {
  if (rate === 0) return "";
  const [count, unit] = rate >= 1 ? [rate, "second"] : [rate * 60, "minute"];
  const text = count >= 10 ? Math.round(count).toLocaleString("en-US") : String(Number(count.toFixed(1)));
  return `, at ${text} hand-out${text === "1" ? "" : "s"} a ${unit}`;
}

/** `1st`, `2nd`, `1,003rd`. */
function ordinal(n: number): string {
  const teens = n % 100 >= 11 && n % 100 <= 13;
  const ending = teens ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n.toLocaleString("en-US")}${ending}`;
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map(quoted);
  if (names.length > mostNames) return `${shown.join(", ")} and ${names.length - mostNames} more`;
  const last = shown.pop() ?? "";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

/** The last time that JavaScript has, in milliseconds; the first one is as far before 1970. */
const lastMs = 8_640_000_000_000_000;

/** A time, to the second unless it has parts of one. One that is damaged on the disk, beyond every calendar, is at its end. */
function timeText(ms: number): string {
  return new Date(Math.max(-lastMs, Math.min(lastMs, ms))).toISOString().replace(".000Z", "Z");
}
