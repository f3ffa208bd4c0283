import type { Task } from "../../../client/index.ts";
import type { Layout } from "../../terminal/layout.ts";
import { clipped } from "../../terminal/printable.ts";
import { type Column, tableText } from "../../terminal/table.ts";
import { msOf, roughly } from "../../terminal/times.ts";
import { paintedState, taskRemark } from "./task-words.ts";
import { noNote, type WorkNote } from "./work-notes.ts";

const remarkLength = 80;

/** Tasks, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function taskTable(
  tasks: readonly Task[],
  layout: Layout,
  { note = noNote, nowMs = Date.now() }: { readonly note?: WorkNote; readonly nowMs?: number } = {},
): string {
  const { paint } = layout;
  const age = (task: Task) => roughly(nowMs - (msOf(task.createTime) ?? nowMs));
  const columns: readonly Column<Task>[] = [
    { title: "ID", cell: ({ id }) => id },
    { title: "QUEUE", cell: ({ queue }) => queue, least: 10 },
    { title: "TYPE", cell: ({ type }) => type, least: 12 },
    { title: "STATE", cell: ({ state }) => paintedState(state, paint) },
    { title: "ATTEMPT", cell: ({ attempt, maxAttempts }) => `${attempt}/${maxAttempts}`, align: "right", leaveOut: 1 },
    { title: "AGE", cell: age, align: "right" },
    { title: "REMARK", cell: (task) => clipped(taskRemark(task, nowMs, note), remarkLength), least: 15 },
  ];
  return tableText(columns, tasks, layout);
}
