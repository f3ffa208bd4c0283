import { type Explanation, WaitReason } from "../../../gen/sitq/v1/explanation_pb.js";
import { type TaskError, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CompensationState, type Workflow } from "../../../gen/sitq/v1/workflow_service_pb.js";
import type { SitqClient } from "../connection/connection.ts";
import { errorWords } from "../errors/errors.ts";

/** How long the question may take, in milliseconds. */
const callTimeoutMs = 1_000;
/** How many steps or subscriptions a line names. */
const mostNamed = 3;

/** An unfinished task; a task of the contract is one. */
export interface WaitingTask {
  readonly id: string;
  readonly lastError?: TaskError | undefined;
}

type QueueClient = Pick<SitqClient, "queue">;

/** What the server says of why a task is not running; `null`: it does not answer, or does not know the question. */
export async function explanationOf(
  client: QueueClient,
  taskId: string,
  signal?: AbortSignal,
): Promise<Explanation | null> {
  // Asked beside what is waited for: without an answer the wait goes on all the same.
  const answer = await client.queue.explainTask({ taskId }, { timeoutMs: callTimeoutMs, signal }).catch(() => null);
  return answer?.explanation ?? null;
}

/** Whether a task waits for something that does not pass by itself. */
export function isLasting(reason: WaitReason): boolean {
  return (
    reason === WaitReason.PAUSED ||
    reason === WaitReason.NO_WORKER ||
    reason === WaitReason.NO_HANDLER ||
    reason === WaitReason.NOT_EXECUTED
  );
}

/**
 * Why a task is not finished, in words, for the error of a wait that is over: `the worker "w" runs its attempt 2, after NoMoney: no money`;
 * empty: that is not known.
 */
export async function whyUnfinished(client: QueueClient, task: WaitingTask, signal?: AbortSignal): Promise<string> {
  const why = (await explanationOf(client, task.id, signal))?.message ?? "";
  const error = errorWords(task.lastError);
  return why === "" || error === "" ? why : `${why}, after ${error}`;
}

/** Why a workflow is not at rest, in words, by its steps: `charge: no worker is on the queue "payment"`; empty: that is not known. */
export async function whyWorkflowWaits(
  client: QueueClient,
  { steps, compensationState, wait }: Workflow,
  signal?: AbortSignal,
): Promise<string> {
  if (wait?.explanation?.reason === WaitReason.NOT_EXECUTED) return wait.explanation.message;
  const isUndone = compensationState === CompensationState.RUNNING;
  const open = steps.flatMap(({ stepId, ...step }) => {
    const name = isUndone ? `the undoing of ${stepId}` : stepId;
    const task = isUndone ? step.compensation : step;
    // A step that waits for others waits for what those say.
    if (task === undefined || task.state === TaskState.BLOCKED || isFinished(task.state)) return [];
    return [{ name, task: { id: task.taskId, lastError: task.lastError } }];
  });
  return named(open, ({ task }) => whyUnfinished(client, task, signal));
}

/** What there is to say of the first of several, by their names. */
export async function named<T extends { readonly name: string }>(
  all: readonly T[],
  say: (each: T) => Promise<string>,
): Promise<string> {
  const words = all.slice(0, mostNamed).map(async (each) => {
    const why = await say(each);
    return why === "" ? each.name : `${each.name}: ${why}`;
  });
  const text = (await Promise.all(words)).join("; ");
  return all.length <= mostNamed ? text : `${text}; and ${all.length - mostNamed} more`;
}

/** Whether a task has ended. */
export function isFinished(state: TaskState): boolean {
  return state === TaskState.COMPLETED || state === TaskState.FAILED || state === TaskState.CANCELLED;
}
