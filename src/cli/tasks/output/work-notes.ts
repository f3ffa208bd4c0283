import { type Queue, type SitqClient, type Task, TaskState } from "../../../client/index.ts";
import { briefly } from "../../command/session.ts";
import { printable } from "../../terminal/printable.ts";

/** Says of a task why no worker takes it; empty: there is nothing to say. */
export type WorkNote = (task: Task) => string;

/** No note on any task. */
export const noNote: WorkNote = () => "";

/** How many queues are asked about one page of tasks. */
const mostQueues = 20;

/** The types that none of a queue's workers handles, in words: `1 worker on billing, none handles invoice.send`; empty: none. */
export function unhandledWords({ name, statistics }: Queue): string {
  const types = statistics?.unhandledTypes ?? [];
  return types.length === 0 ? "" : noneHandles(name, statistics?.workers ?? 0, namesOf(types));
}

/** Asks about the queues in which tasks wait, and answers what there is to say of each task. */
export async function workNotes(client: SitqClient, tasks: readonly Task[]): Promise<WorkNote> {
  const waiting = new Set(tasks.filter(({ state }) => state === TaskState.PENDING).map(({ queue }) => queue));
  const queues = new Map<string, Queue>();
  for (const name of [...waiting].slice(0, mostQueues)) {
    // The queue says more than was asked for: without it the tasks are shown all the same.
    const answer = await client.queue.getQueue({ name }, briefly).catch(() => null);
    if (answer?.queue !== undefined) queues.set(name, answer.queue);
  }
  return ({ queue, type, state }) => {
    const found = queues.get(queue);
    if (state !== TaskState.PENDING || found?.statistics === undefined) return "";
    const { paused, statistics } = found;
    if (paused) return `${queue} is paused`;
    if (statistics.workers === 0) return `no worker for ${queue}`;
    const isUnhandled = statistics.unhandledTypes.some((each) => each.type === type);
    return isUnhandled ? noneHandles(queue, statistics.workers, printable(type)) : "";
  };
}

function noneHandles(queue: string, workers: number, types: string): string {
  return `${workers} ${workers === 1 ? "worker" : "workers"} on ${queue}, none handles ${types}`;
}

function namesOf(types: readonly { readonly type: string }[]): string {
  const shown = types.slice(0, 3).map(({ type }) => printable(type));
  return types.length <= shown.length
    ? shown.join(", ")
    : `${shown.join(", ")} and ${types.length - shown.length} more`;
}
