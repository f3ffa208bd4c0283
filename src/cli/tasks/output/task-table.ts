import { type Task, TaskState } from "../../../client/index.ts";
import type { Layout } from "../../terminal/layout.ts";
import { clipped } from "../../terminal/printable.ts";
import { type Column, tableText } from "../../terminal/table.ts";
import { msOf, roughly, tookText } from "../../terminal/times.ts";
import { type Explanations, noExplanations } from "./explanation-words.ts";
import { attemptTook, paintedState, taskRemark } from "./task-words.ts";

const remarkLength = 160;

/** Tasks, one a line; how long they run or ran only where one does or did. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function taskTable(
  tasks: readonly Task[],
  layout: Layout,
  { explain = noExplanations, nowMs = Date.now() }: { readonly explain?: Explanations; readonly nowMs?: number } = {},
): string {
  const { paint } = layout;
  const age = (task: Task) => roughly(nowMs - (msOf(task.createTime) ?? nowMs));
  const runningFor = (task: Task) => (task.state === TaskState.RUNNING ? tookText(task, nowMs) : "");
  const spans: readonly Column<Task>[] = [
    { title: "RUNNING FOR", cell: runningFor, align: "right" },
    { title: "TOOK", cell: attemptTook, align: "right" },
  ];
  const columns: readonly Column<Task>[] = [
    { title: "ID", cell: ({ id }) => id },
    { title: "QUEUE", cell: ({ queue }) => queue, least: 10 },
    { title: "TYPE", cell: ({ type }) => type, least: 12 },
    { title: "STATE", cell: ({ state }) => paintedState(state, paint) },
    { title: "ATTEMPT", cell: ({ attempt, maxAttempts }) => `${attempt}/${maxAttempts}`, align: "right", leaveOut: 1 },
    { title: "AGE", cell: age, align: "right", leaveOut: 2 },
    ...spans.filter(({ cell }) => tasks.some((task) => cell(task, paint) !== "")),
    { title: "REMARK", cell: (task) => clipped(taskRemark(task, nowMs, explain(task)), remarkLength), least: 15 },
  ];
  return tableText(columns, tasks, layout);
}
