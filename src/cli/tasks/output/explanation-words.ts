import { type Explanation, type SitqClient, type Task, TaskState, WaitReason } from "../../../client/index.ts";
import { briefly } from "../../command/session.ts";
import type { Paint } from "../../terminal/paint.ts";
import { printable } from "../../terminal/printable.ts";
import { msOf, roughly } from "../../terminal/times.ts";

/** What the server says of why a task is not running; `undefined`: it did not say. */
export type Explanations = (task: Task) => Explanation | undefined;

/** Nothing is said of any task. */
export const noExplanations: Explanations = () => undefined;

/** The explanations of a page of tasks. */
export function explanationsOf(page: readonly (readonly [Task, Explanation | undefined])[]): Explanations {
  const byTask = new Map(page.map(([{ id }, explanation]) => [id, explanation]));
  return ({ id }) => byTask.get(id);
}

/** Asks why a task is not running. Without an answer, of an older server for example, the task is shown all the same. */
export async function explanationOf(client: SitqClient, { id, state }: Task): Promise<Explanation | undefined> {
  if (!isWaiting(state)) return undefined;
  const answer = await client.queue.explainTask({ taskId: id }, briefly).catch(() => null);
  return answer?.explanation;
}

/**
 * Why something waits, in the server's words, and for how long: `no worker is on the queue "billing" (waits for 7m)`; nothing, if it does
 * not wait.
 */
export function waitText(explanation: Explanation | undefined, nowMs: number = Date.now()): string {
  if (explanation === undefined || explanation.reason === WaitReason.UNSPECIFIED) return "";
  const sinceMs = msOf(explanation.sinceTime);
  const isLong = sinceMs !== null && nowMs - sinceMs >= 1_000 && !untimed.has(explanation.reason);
  return `${printable(explanation.message)}${isLong ? ` (waits for ${roughly(nowMs - sinceMs)})` : ""}`;
}

/** What waits for a time, or for others: how long it has done so says nothing. */
const untimed: ReadonlySet<WaitReason> = new Set([
  WaitReason.SCHEDULED,
  WaitReason.RETRY,
  WaitReason.DEPENDENCIES,
  WaitReason.ORDERING,
]);

/** What does not pass by itself. */
const stuck: ReadonlySet<WaitReason> = new Set([
  WaitReason.PAUSED,
  WaitReason.NO_WORKER,
  WaitReason.NO_HANDLER,
  WaitReason.NOT_EXECUTED,
]);

/** The same with its colour. */
export function paintedWait(explanation: Explanation | undefined, paint: Paint, nowMs: number): string {
  const text = waitText(explanation, nowMs);
  if (explanation === undefined || text === "") return "";
  if (stuck.has(explanation.reason)) return paint.warning(text);
  return explanation.reason === WaitReason.DEPENDENCIES ? paint.dim(text) : text;
}

/** Whether a task waits for something that does not pass by itself. */
export function isStuck({ reason }: Explanation): boolean {
  return stuck.has(reason);
}

function isWaiting(state: TaskState): boolean {
  return state === TaskState.BLOCKED || state === TaskState.SCHEDULED || state === TaskState.PENDING;
}
