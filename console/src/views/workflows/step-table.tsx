import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import type { WorkflowStep } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { Took } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { QueueLink } from "../../ui/links.tsx";
import { TaskStateMark } from "../../ui/state-mark.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { Why } from "../../ui/why.tsx";

interface StepTableProps {
  readonly steps: readonly WorkflowStep[];
  /** The step that is shown in detail; empty: none. */
  readonly selected: string;
  readonly hrefOf: (stepId: string) => string;
}

/** The steps of a workflow as rows, in the order in which they were given. */
export function StepTable({ steps, selected, hrefOf }: StepTableProps) {
  const columns: readonly Column<WorkflowStep>[] = [
    {
      title: "Step",
      cell: ({ stepId }) => (
        <a href={hrefOf(stepId)} aria-current={stepId === selected || undefined}>
          {stepId}
        </a>
      ),
    },
    { title: "State", cell: ({ state }) => <TaskStateMark state={state} /> },
    { title: "Action", cell: ({ action }) => <Foreign text={action} most={80} />, isExtra: true },
    { title: "Queue", cell: ({ serviceName }) => <QueueLink name={serviceName} />, isExtra: true },
    { title: "Attempt", cell: ({ attempt }) => attempt || "", align: "end" },
    {
      title: "Took",
      cell: ({ startTime, finishTime, state }) => (
        <Took from={startTime} to={finishTime} isRunning={state === TaskState.RUNNING} />
      ),
      align: "end",
    },
    { title: "Depends on", cell: ({ dependsOn }) => dependsOn.join(", ") },
    { title: "Why, or what went wrong", cell: Remark },
  ];
  return (
    <Table caption="Steps" columns={columns} rows={steps} rowKey={({ stepId }) => stepId} empty="It has no steps." />
  );
}

function Remark({ state, explanation, lastError, compensation }: WorkflowStep) {
  return (
    <>
      <Why explanation={explanation} />
      {lastError !== undefined && state !== TaskState.COMPLETED && (
        <div>
          <Foreign text={lastError.message || lastError.type} most={160} />
        </div>
      )}
      {compensation !== undefined && (
        <div>
          compensation <TaskStateMark state={compensation.state} /> <Why explanation={compensation.explanation} />
        </div>
      )}
    </>
  );
}
