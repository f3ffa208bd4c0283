import type { Task } from "../../client/index.ts";
import type { Paint } from "./paint.ts";
import { clipped } from "./printable.ts";
import { type Column, tableText } from "./table.ts";
import { paintedState, taskRemark } from "./task-words.ts";
import { msOf, roughly } from "./times.ts";

const remarkLength = 80;

/** Tasks, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function taskTable(tasks: readonly Task[], paint: Paint, nowMs: number = Date.now()): string {
  const age = (task: Task) => roughly(nowMs - (msOf(task.createTime) ?? nowMs));
  const columns: readonly Column<Task>[] = [
    { title: "ID", cell: ({ id }) => id },
    { title: "QUEUE", cell: ({ queue }) => queue },
    { title: "TYPE", cell: ({ type }) => type },
    { title: "STATE", cell: ({ state }) => paintedState(state, paint) },
    { title: "ATTEMPT", cell: ({ attempt, maxAttempts }) => `${attempt}/${maxAttempts}`, align: "right" },
    { title: "AGE", cell: age, align: "right" },
    { title: "REMARK", cell: (task) => clipped(taskRemark(task, nowMs), remarkLength) },
  ];
  return tableText(columns, tasks, paint);
}
