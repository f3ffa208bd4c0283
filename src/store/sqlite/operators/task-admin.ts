import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { judgeCancel, judgeDelete, judgeRetry } from "../../../domain/operators/operator-changes.ts";
import { changedTask } from "../../rows/operator-rows.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { taskOf } from "../tasks/task-content.ts";
import type { Transitions } from "../tasks/transitions.ts";
import type { OperatorMoves } from "./operator-moves.ts";

/** Creates the verbs that operators use on single tasks, on an open database. */
export function createTaskAdmin(engine: Engine, transitions: Transitions, moves: OperatorMoves) {
  const { select } = engine.tasks;

  function find(id: string): TaskRow | undefined {
    const key = keyOfId(id);
    return key === null ? undefined : select.get(key);
  }

  function taskAfter(row: TaskRow) {
    return taskOf(select.get(row.id) ?? row, engine);
  }

  const cancel: SyncVerb<Store["cancel"]> = (ids, error, nowMs) =>
    ids.map((id) => {
      const row = find(id);
      if (row === undefined) return { status: "not_found" };
      const state = stateOf(row.state);
      const verdict = judgeCancel(state);
      if (verdict === "cancelled") return { status: "cancelled", task: taskAfter(row), lease: null };
      if (verdict === "finished") return { status: "finished", state };
      const lease = moves.cancel(row, error, nowMs);
      return { status: "cancelled", task: taskAfter(row), lease };
    });

  const retry: SyncVerb<Store["retry"]> = (ids, nowMs) =>
    ids.map((id) => {
      const row = find(id);
      if (row === undefined) return { status: "not_found" };
      const state = stateOf(row.state);
      const verdict = judgeRetry(changedTask(row), () => moves.rivalOf(row) !== undefined);
      if (verdict === "not_retryable") return { status: "not_retryable", state };
      if (verdict === "in_workflow") return { status: "in_workflow", workflowId: idOfKey(row.workflow_id ?? 0) };
      if (verdict === "duplicate") return { status: "duplicate", id: idOfKey(moves.rivalOf(row) ?? 0) };
      moves.restart(row, nowMs);
      return { status: "retried", task: taskAfter(row) };
    });

  const remove: SyncVerb<Store["delete"]> = (ids, nowMs) =>
    ids.map((id) => {
      const row = find(id);
      if (row === undefined) return "not_found";
      const verdict = judgeDelete(changedTask(row));
      if (verdict !== "delete") return verdict;
      transitions.remove(row, nowMs);
      return "deleted";
    });

  return { cancel, retry, delete: remove };
}
