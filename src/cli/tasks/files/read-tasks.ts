import { CallError, type CallOptions, type SitqClient, type Task, TaskOrder, TaskView } from "../../../client/index.ts";
import { pagesOf } from "../../command/pages.ts";
import { briefly } from "../../command/session.ts";
import type { ChosenFilter } from "../../input/task-filter.ts";

type Client = Pick<SitqClient, "queue">;

/** Which tasks are read. */
export interface WantedTasks {
  readonly filter: ChosenFilter;
  /** With the attempts of each, by a call for each task. */
  readonly withAttempts: boolean;
  /** Gives up. */
  readonly signal: AbortSignal;
}

/** How many calls for attempts are under way at a time. */
const windowSize = 32;

/**
 * Reads whole tasks, the oldest first, page by page: those that were there when it began. What is created meanwhile is left out: otherwise it
 * would not end where more is enqueued than is read.
 */
export async function* wholeTasks(
  client: Client,
  { filter, withAttempts, signal }: WantedTasks,
): AsyncGenerator<Task[]> {
  const options = { ...briefly, signal };
  const last = await newestId(client, filter, options);
  if (last === null) return;
  const request = { filter, order: TaskOrder.OLDEST_FIRST, view: TaskView.FULL };
  const pages = pagesOf(Number.POSITIVE_INFINITY, async (page) => {
    const { tasks, nextPageToken } = await client.queue.listTasks({ ...request, ...page }, options);
    return { items: tasks, nextPageToken };
  });
  for await (const { items } of pages) {
    // Ids sort by time of creation.
    const wanted = items.filter(({ id }) => id <= last);
    yield withAttempts ? await allWithAttempts(client, wanted, options) : wanted;
    if (wanted.length < items.length) return;
  }
}

/** The id of the newest task that matches; `null`: none does. */
async function newestId(client: Client, filter: ChosenFilter, options: CallOptions): Promise<string | null> {
  const pages = pagesOf(1, async (page) => {
    const request = { filter, order: TaskOrder.NEWEST_FIRST, view: TaskView.BASIC, ...page };
    const { tasks, nextPageToken } = await client.queue.listTasks(request, options);
    return { items: tasks, nextPageToken };
  });
  for await (const { items } of pages) if (items[0] !== undefined) return items[0].id;
  return null;
}

async function allWithAttempts(client: Client, tasks: readonly Task[], options: CallOptions): Promise<Task[]> {
  const whole: Task[] = [];
  for (let from = 0; from < tasks.length; from += windowSize) {
    const some = tasks.slice(from, from + windowSize);
    whole.push(...(await Promise.all(some.map((task) => readWhole(client, task, options)))));
  }
  return whole;
}

/** The task as it is now; as it was listed, if it has been deleted meanwhile, or was never handed out. */
async function readWhole({ queue }: Client, listed: Task, options: CallOptions): Promise<Task> {
  if (listed.attempt === 0 && listed.startTime === undefined) return listed;
  try {
    return (await queue.getTask({ taskId: listed.id }, options)).task ?? listed;
  } catch (error) {
    if (error instanceof CallError && error.reason === "TASK_NOT_FOUND") return listed;
    throw error;
  }
}
