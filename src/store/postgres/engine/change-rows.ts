import type { TaskChange } from "../../../domain/tasks/task.ts";
import type { WorkflowChange } from "../../../domain/workflows/workflow.ts";
import type { Changes } from "../../changes.ts";

/** The changes of tasks and of workflows of a commit, or of a part of it. */
export type FeedChanges = Pick<Changes, "tasks" | "workflows">;

/** How long the text of a row gets, in characters, before the next one is begun: what a reader has in memory of one row stays small. */
const rowLength = 128 * 1_024;

/** The fields of a task's change, without their names, which would be half of the text. */
type TaskFields = readonly [
  TaskChange["id"],
  TaskChange["queue"],
  TaskChange["type"],
  TaskChange["correlationId"],
  TaskChange["state"],
  TaskChange["attempt"],
  TaskChange["workerId"],
  TaskChange["sourceService"],
  TaskChange["priority"],
  readonly [type: string, message: string] | null,
  TaskChange["createMs"],
  TaskChange["changeMs"],
];

/**
 * The texts that are stored for the changes of a commit, in their order: JSON, with the tasks' before the workflows'. A commit that changes
 * much has several.
 */
export function textsOf({ tasks, workflows }: FeedChanges): string[] {
  return [...cut(tasks, "tasks", fieldsOf), ...cut(workflows, "workflows", (change) => change)];
}

/** What a text was made of. */
export function changesOf(text: string): FeedChanges {
  const { tasks = [], workflows = [] } = JSON.parse(text) as {
    readonly tasks?: readonly TaskFields[];
    readonly workflows?: readonly WorkflowChange[];
  };
  return { tasks: tasks.map(taskOf), workflows };
}

function cut<Change>(
  changes: readonly Change[],
  name: keyof FeedChanges,
  toJson: (change: Change) => unknown,
): string[] {
  const texts: string[] = [];
  let parts: string[] = [];
  let length = 0;
  const end = () => {
    if (parts.length > 0) texts.push(`{"${name}":[${parts.join(",")}]}`);
    parts = [];
    length = 0;
  };
  for (const change of changes) {
    const part = JSON.stringify(toJson(change));
    if (length + part.length > rowLength) end();
    parts.push(part);
    length += part.length;
  }
  end();
  return texts;
}

function fieldsOf(change: TaskChange): TaskFields {
  const { id, queue, type, correlationId, state, attempt, workerId, sourceService, priority, error } = change;
  const named = error && ([error.type, error.message] as const);
  const { createMs, changeMs } = change;
  return [id, queue, type, correlationId, state, attempt, workerId, sourceService, priority, named, createMs, changeMs];
}

function taskOf(fields: TaskFields): TaskChange {
  const [id, queue, type, correlationId, state, attempt, workerId, sourceService, priority, named, createMs, changeMs] =
    fields;
  const error = named && { type: named[0], message: named[1] };
  return {
    id,
    queue,
    type,
    correlationId,
    state,
    attempt,
    workerId,
    sourceService,
    priority,
    error,
    createMs,
    changeMs,
  };
}
