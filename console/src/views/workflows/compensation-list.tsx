import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { CompensationState, type Workflow, type WorkflowStep } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { Took } from "../../ui/age.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TaskLink } from "../../ui/links.tsx";
import { TaskStateMark } from "../../ui/state-mark.tsx";
import { TaskErrorView } from "../../ui/task-error.tsx";
import { Why } from "../../ui/why.tsx";

interface CompensationListProps {
  readonly workflow: Workflow;
  /** The steps that are compensated, or will be, in that order. */
  readonly steps: readonly WorkflowStep[];
  readonly hrefOf: (stepId: string) => string;
}

/** The compensations of a workflow in their order, one after the other. Nothing where none was begun. */
export function CompensationList({ workflow, steps, hrefOf }: CompensationListProps) {
  if (workflow.compensationState === CompensationState.UNSPECIFIED) return null;
  return (
    <>
      <h2>Compensations</h2>
      <ol class="compensations">
        {steps.map(({ stepId, compensateWith, compensation }) => (
          <li key={stepId}>
            <a href={hrefOf(stepId)}>{stepId}</a> by <Foreign text={compensateWith} most={80} />:{" "}
            {compensation === undefined ? (
              <span class="muted">not begun</span>
            ) : (
              <>
                <TaskStateMark state={compensation.state} />{" "}
                <Took
                  from={compensation.startTime}
                  to={compensation.finishTime}
                  isRunning={compensation.state === TaskState.RUNNING}
                />{" "}
                <TaskLink id={compensation.taskId} /> <Why explanation={compensation.explanation} />
                {compensation.state !== TaskState.COMPLETED && <TaskErrorView error={compensation.lastError} />}
              </>
            )}
          </li>
        ))}
      </ol>
    </>
  );
}
