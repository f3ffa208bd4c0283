import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { type TaskError, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CompensationState, type Workflow } from "../../../gen/sitq/v1/workflow_service_pb.js";
import type { SitqClient } from "../connection/connection.ts";
import { errorWords } from "../errors/errors.ts";

/** How long the question may take, in milliseconds. */
const callTimeoutMs = 1_000;
/** How many steps or subscriptions a line names. */
const mostNamed = 3;

/** The parts of an unfinished task that show why it waits; a task of the contract is one. */
export interface WaitingTask {
  readonly state: TaskState;
  readonly queue: string;
  readonly type: string;
  readonly attempt: number;
  readonly workerId: string;
  /** When it is due, if it is SCHEDULED. */
  readonly scheduleTime?: Timestamp | undefined;
  readonly lastError?: TaskError | undefined;
}

type QueueClient = Pick<SitqClient, "queue">;

/** Why no worker takes a task, in words: `no worker is on the queue mial`; empty: one will, or that is not known. */
export async function whyItWaits(
  client: QueueClient,
  { state, queue: name, type }: Pick<WaitingTask, "state" | "queue" | "type">,
  signal?: AbortSignal,
): Promise<string> {
  if (state !== TaskState.PENDING) return "";
  // Asked beside what is waited for: without an answer the wait goes on all the same.
  const answer = await client.queue.getQueue({ name }, { timeoutMs: callTimeoutMs, signal }).catch(() => null);
  const { paused = false, statistics } = answer?.queue ?? {};
  if (paused) return `the queue ${name} is paused`;
  if (statistics === undefined) return "";
  if (statistics.workers === 0) return `no worker is on the queue ${name}`;
  const isUnhandled = statistics.unhandledTypes.some((each) => each.type === type);
  return isUnhandled ? `no worker on the queue ${name} handles ${type}` : "";
}

/**
 * Why a task is not finished, in words, for the error of a wait that is over: `the worker w runs its attempt 2, after NoMoney: no money`;
 * empty: it is finished.
 */
export async function whyUnfinished(client: QueueClient, task: WaitingTask, signal?: AbortSignal): Promise<string> {
  const why = await standing(client, task, signal);
  const error = errorWords(task.lastError);
  return why === "" || error === "" ? why : `${why}, after ${error}`;
}

async function standing(client: QueueClient, task: WaitingTask, signal?: AbortSignal): Promise<string> {
  switch (task.state) {
    case TaskState.PENDING:
      return (await whyItWaits(client, task, signal)) || `it waits its turn in the queue ${task.queue}`;
    case TaskState.RUNNING:
      return `${task.workerId === "" ? "a worker" : `the worker ${task.workerId}`} runs its attempt ${task.attempt}`;
    case TaskState.SCHEDULED: {
      const due = task.scheduleTime === undefined ? "later" : `at ${timestampDate(task.scheduleTime).toISOString()}`;
      return task.attempt === 0 ? `it is due ${due}` : `its next attempt is due ${due}`;
    }
    case TaskState.BLOCKED:
      return "it waits for other tasks";
    case TaskState.UNSPECIFIED:
    case TaskState.COMPLETED:
    case TaskState.FAILED:
    case TaskState.CANCELLED:
      return "";
  }
}

/** Why a workflow is not at rest, in words, by its steps: `charge: no worker is on the queue payment`; empty: it is, or that is not known. */
export async function whyWorkflowWaits(
  client: QueueClient,
  { steps, compensationState }: Workflow,
  signal?: AbortSignal,
): Promise<string> {
  if (steps.some(({ wait }) => wait?.awaitsExecution)) return "it waits for executeWorkflow";
  const isUndone = compensationState === CompensationState.RUNNING;
  const open = steps.flatMap(({ stepId, serviceName: queue, action, compensateWith, ...step }) => {
    const name = isUndone ? `the undoing of ${stepId}` : stepId;
    const task = isUndone ? step.compensation : step;
    // A step that waits for others waits for what those say.
    if (task === undefined || task.state === TaskState.BLOCKED || isFinished(task.state)) return [];
    const { attempt, lastError, wait } = task;
    const type = isUndone ? compensateWith : action;
    const scheduleTime = wait?.sinceTime;
    const workerId = isUndone ? "" : step.workerId;
    return [{ name, task: { state: task.state, queue, type, attempt, workerId, scheduleTime, lastError } }];
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
