import { signal } from "@preact/signals";
import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import {
  CompensationState,
  type Workflow,
  WorkflowService,
  WorkflowState,
  type WorkflowStep,
} from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { whyNot } from "../../live/rights.ts";
import { rpc } from "../../rpc/clients.ts";
import { ActionButton } from "../../ui/action-button.tsx";
import { ask } from "../../ui/confirm.tsx";
import { inCompensationOrder } from "./compensations.ts";

interface WorkflowActionsProps {
  readonly workflow: Workflow;
  readonly onChanged: () => void;
}

/** What can be done to a workflow: retry it from where it failed, cancel it, start it if it was only stored. */
export function WorkflowActions({ workflow, onChanged }: WorkflowActionsProps) {
  const { state, finishTime, compensationState, steps } = workflow;
  const isActive = state === WorkflowState.PENDING || state === WorkflowState.RUNNING;
  const hasStopped = state === WorkflowState.FAILED || state === WorkflowState.CANCELLED;
  const isUndone = compensationState === CompensationState.COMPLETED;
  const { executeWorkflow, retryWorkflow, cancelWorkflow } = WorkflowService.method;
  const queues = [...new Set(steps.map(({ serviceName }) => serviceName))];
  return (
    <div class="buttons">
      {steps.some(({ wait }) => wait?.awaitsExecution) && (
        <ActionButton
          label="Start"
          why={whyNot(executeWorkflow, { queues })}
          onClick={() => askToExecute(workflow, onChanged)}
        />
      )}
      {hasStopped && finishTime !== undefined && !isUndone && (
        <ActionButton
          label="Retry"
          kind="primary"
          why={whyNot(retryWorkflow, { queues })}
          onClick={() => askToRetry(workflow, onChanged)}
        />
      )}
      {isActive && (
        <ActionButton
          label="Cancel"
          why={whyNot(cancelWorkflow, { queues })}
          onClick={() => askToCancel(workflow, onChanged)}
        />
      )}
      {hasStopped && isUndone && (
        <span class="muted">Its steps are compensated: it cannot be retried. Start another.</span>
      )}
    </div>
  );
}

function askToExecute({ id, name }: Workflow, onChanged: () => void): void {
  ask({
    title: `Start ${name}?`,
    body: <p>It was stored without being started. Its first steps are released.</p>,
    action: "Start",
    async run({ signal: stop }) {
      const { executed } = await rpc.workflows.executeWorkflow({ workflowId: id }, { signal: stop });
      onChanged();
      return executed ? "It is started." : "It had been started before.";
    },
  });
}

function askToRetry({ id, name, steps, compensationState }: Workflow, onChanged: () => void): void {
  const kept = steps.filter(({ state }) => state === TaskState.COMPLETED);
  const again = steps.filter(({ state }) => state !== TaskState.COMPLETED);
  const isCompensating = compensationState === CompensationState.FAILED;
  const undone = inCompensationOrder(steps).filter(({ compensation }) => compensation?.state !== TaskState.COMPLETED);
  ask({
    title: `Retry ${name}?`,
    body: isCompensating ? (
      <p>
        Compensation continues where it failed: <Names steps={undone} />, in this order. No step runs again.
      </p>
    ) : (
      <>
        <p>
          Fresh attempts for: <Names steps={again} />.
        </p>
        <p>
          {kept.length === 0 ? (
            "No step is completed yet."
          ) : (
            <>
              Completed, and not run again: <Names steps={kept} />.
            </>
          )}
        </p>
      </>
    ),
    action: isCompensating ? "Continue compensation" : "Retry",
    async run({ signal: stop }) {
      await rpc.workflows.retryWorkflow({ workflowId: id }, { signal: stop });
      onChanged();
      return isCompensating ? "Compensation continues." : "The workflow goes on.";
    },
  });
}

function askToCancel({ id, name, steps }: Workflow, onChanged: () => void): void {
  const reason = signal("");
  const compensate = signal(false);
  const running = steps.filter(({ state }) => state === TaskState.RUNNING);
  const waiting = steps.filter(({ state }) => isWaiting(state));
  const undone = inCompensationOrder(steps);

  function Body() {
    return (
      <>
        <ul>
          {running.length > 0 && (
            <li>
              Running, and told to stop: <Names steps={running} />.
            </li>
          )}
          {waiting.length > 0 && (
            <li>
              Waiting, and never started: <Names steps={waiting} />.
            </li>
          )}
        </ul>
        <label class="choice">
          <input
            type="checkbox"
            checked={compensate.value}
            disabled={steps.every(({ compensateWith }) => compensateWith === "")}
            onChange={({ currentTarget }) => {
              compensate.value = currentTarget.checked;
            }}
          />
          Compensate what is completed
        </label>
        <p class="muted">
          {undone.length === 0 ? (
            "No completed step has a compensation."
          ) : compensate.value ? (
            <>
              One after the other: <Names steps={undone} withCompensation />.
            </>
          ) : (
            <>
              What was done stays done, also {undone.length === 1 ? "the step" : "the steps"} that could be compensated.
            </>
          )}
        </p>
        <label class="field">
          Reason
          <input
            maxLength={1_000}
            value={reason.value}
            onInput={({ currentTarget }) => {
              reason.value = currentTarget.value;
            }}
          />
        </label>
      </>
    );
  }

  ask({
    title: `Cancel ${name}?`,
    body: <Body />,
    action: "Cancel the workflow",
    isDestructive: true,
    async run({ signal: stop }) {
      const request = { workflowId: id, reason: reason.value, compensate: compensate.value };
      await rpc.workflows.cancelWorkflow(request, { signal: stop });
      onChanged();
      return compensate.value ? "It is cancelled, and is compensated." : "It is cancelled.";
    },
  });
}

const mostNames = 12;

interface NamesProps {
  readonly steps: readonly WorkflowStep[];
  /** Also the compensation of each. */
  readonly withCompensation?: boolean;
}

function Names({ steps, withCompensation = false }: NamesProps) {
  const names = steps
    .slice(0, mostNames)
    .map(({ stepId, compensateWith }) => (withCompensation ? `${stepId} (${compensateWith})` : stepId));
  const more = steps.length - names.length;
  return (
    <strong>
      {names.join(", ")}
      {more > 0 && ` and ${more} more`}
    </strong>
  );
}

function isWaiting(state: TaskState): boolean {
  return state === TaskState.BLOCKED || state === TaskState.SCHEDULED || state === TaskState.PENDING;
}
