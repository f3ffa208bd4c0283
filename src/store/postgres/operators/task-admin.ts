import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { judgeCancel, judgeDelete, judgeRetry } from "../../../domain/operators/operator-changes.ts";
import type { Task, TaskState } from "../../../domain/tasks/task.ts";
import { changedTask, deduplicationName } from "../../rows/operator-rows.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { CancelAnswer, RetryAnswer, TaskStore } from "../../task-store.ts";
import type { Transitions } from "../tasks/transitions.ts";
import type { OperatorMoves } from "./operator-moves.ts";

/** Creates the verbs that operators use on single tasks. Of an id that comes twice the second finds what the first has done. */
export function createTaskAdmin(
  transitions: Transitions,
  moves: OperatorMoves,
): Pick<TaskStore, "cancel" | "retry" | "delete"> {
  /** Locks the rows of these ids; answers them in the order of the ids. */
  async function find(ids: readonly string[]): Promise<(TaskRow | undefined)[]> {
    const keys = ids.map(keyOfId);
    const rows = await moves.lock(keys.filter((key) => key !== null));
    return keys.map((key) => (key === null ? undefined : rows.get(key)));
  }

  return {
    async cancel(ids, error, nowMs) {
      const found = await find(ids);
      const meant = new Set(found.filter((row) => row !== undefined && judgeCancel(stateOf(row.state)) === "cancel"));
      const leases = new Map(await moves.cancel([...meant] as TaskRow[], error, nowMs));
      const tasks = await moves.tasksNow(found.flatMap((row) => row?.id ?? []));
      return found.map((row): CancelAnswer => {
        const task = row && tasks.get(row.id);
        if (row === undefined || task === undefined) return { status: "not_found" };
        const state = stateOf(row.state);
        if (judgeCancel(state) === "finished") return { status: "finished", state };
        const lease = leases.get(row.id) ?? null;
        leases.delete(row.id);
        return { status: "cancelled", task, lease };
      });
    },

    async retry(ids, nowMs) {
      const found = await find(ids);
      const rivals = await moves.rivalsOf(found.filter((row) => row !== undefined));
      const restarted = new Map<number, TaskRow>();
      /** What cannot be answered yet is a function of the tasks as they are afterwards. */
      const answers = found.map((row): RetryAnswer | ((tasks: ReadonlyMap<number, Task>) => RetryAnswer) => {
        if (row === undefined) return { status: "not_found" };
        if (restarted.has(row.id)) return (tasks) => ({ status: "not_retryable", state: stateIn(tasks, row) });
        const name = deduplicationName(row);
        const rival = name === null ? undefined : rivals.get(name);
        const verdict = judgeRetry(changedTask(row), () => rival !== undefined);
        if (verdict === "not_retryable") return { status: "not_retryable", state: stateOf(row.state) };
        if (verdict === "in_workflow") return { status: "in_workflow", workflowId: idOfKey(row.workflow_id ?? 0) };
        if (verdict === "duplicate") return { status: "duplicate", id: idOfKey(rival ?? 0) };
        restarted.set(row.id, row);
        if (name !== null) rivals.set(name, row.id);
        return (tasks) => {
          const task = tasks.get(row.id);
          return task === undefined ? { status: "not_found" } : { status: "retried", task };
        };
      });
      await moves.restart([...restarted.values()], nowMs);
      const tasks = await moves.tasksNow([...restarted.keys()]);
      return answers.map((answer) => (typeof answer === "function" ? answer(tasks) : answer));
    },

    async delete(ids, nowMs) {
      const found = await find(ids);
      const deleted = new Set<TaskRow>();
      const answers = found.map((row) => {
        if (row === undefined || deleted.has(row)) return "not_found";
        const verdict = judgeDelete(changedTask(row));
        if (verdict !== "delete") return verdict;
        deleted.add(row);
        return "deleted";
      });
      await transitions.remove([...deleted], nowMs);
      return answers;
    },
  };
}

function stateIn(tasks: ReadonlyMap<number, Task>, row: TaskRow): TaskState {
  return tasks.get(row.id)?.state ?? stateOf(row.state);
}
