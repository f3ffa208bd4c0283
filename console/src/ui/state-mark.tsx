import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CompensationState, WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { enumName } from "./text.ts";

/** What stands for a state beside its word, so that colour is not the only sign. */
export const stateSigns: Readonly<Record<string, string>> = {
  blocked: "◌",
  scheduled: "◔",
  pending: "○",
  running: "●",
  completed: "✓",
  failed: "✗",
  cancelled: "⊘",
};

/** A state by its sign and its word. */
export function StateMark({ word }: { readonly word: string }) {
  return (
    <span class={`state state-${word}`}>
      <span aria-hidden="true">{stateSigns[word] ?? "·"}</span> {word}
    </span>
  );
}

/** The state of a task. */
export function TaskStateMark({ state }: { readonly state: TaskState }) {
  return <StateMark word={enumName(TaskState, state)} />;
}

/** The state of a workflow. */
export function WorkflowStateMark({ state }: { readonly state: WorkflowState }) {
  return <StateMark word={enumName(WorkflowState, state)} />;
}

/** How far compensation is, in words; empty: there is none. */
export function compensationWords(state: CompensationState): string {
  switch (state) {
    case CompensationState.RUNNING:
      return "compensating";
    case CompensationState.COMPLETED:
      return "compensated";
    case CompensationState.FAILED:
      return "compensation failed";
    case CompensationState.UNSPECIFIED:
      return "";
  }
}
