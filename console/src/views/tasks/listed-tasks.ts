import type { Explanation } from "../../../../gen/sitq/v1/explanation_pb.js";
import type { ListTasksResponse } from "../../../../gen/sitq/v1/queue_service_pb.js";
import type { Task } from "../../../../gen/sitq/v1/task_pb.js";

/** A task of a list. */
export interface ListedTask {
  readonly task: Task;
  readonly explanation: Explanation | undefined;
  /** It was in the list when it was read before, and is not any more: it was changed or deleted. */
  readonly isGone: boolean;
}

/** The tasks of a page with why each waits. */
export function listedTasks({ tasks, explanations }: ListTasksResponse): ListedTask[] {
  return tasks.map((task, at) => ({ task, explanation: explanations[at], isGone: false }));
}

/**
 * A list that was read anew, with those of the tasks that are kept which are not in it any more, at their places. Ids sort by time of
 * creation, so the places of all are known.
 *
 * @param isKept whether a task stays in view though it left the list, as one that was selected
 */
export function mergeLists(
  before: readonly ListedTask[],
  now: readonly ListedTask[],
  oldestFirst: boolean,
  isKept: (id: string) => boolean,
): ListedTask[] {
  const ids = new Set(now.map(({ task }) => task.id));
  const gone = before
    .filter(({ task }) => !ids.has(task.id) && isKept(task.id))
    .map((listed) => ({ ...listed, isGone: true }));
  if (gone.length === 0) return [...now];
  const sign = oldestFirst ? 1 : -1;
  return [...now, ...gone].sort((a, b) => (a.task.id < b.task.id ? -sign : sign));
}
