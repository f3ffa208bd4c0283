import type { Task } from "../../../client/index.ts";
import type { Layout } from "../../terminal/layout.ts";
import { clipped } from "../../terminal/printable.ts";
import { type Column, tableText } from "../../terminal/table.ts";
import { msOf, roughly } from "../../terminal/times.ts";
import { type Explanations, noExplanations } from "./explanation-words.ts";
import { paintedState, taskRemark } from "./task-words.ts";

const remarkLength = 160;

/** Tasks, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function taskTable(
  tasks: readonly Task[],
  layout: Layout,
  { explain = noExplanations, nowMs = Date.now() }: { readonly explain?: Explanations; readonly nowMs?: number } = {},
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
    { title: "REMARK", cell: (task) => clipped(taskRemark(task, nowMs, explain(task)), remarkLength), least: 15 },
  ];
  return tableText(columns, tasks, layout);
}
