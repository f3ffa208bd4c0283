import {
  type WatchWorkflowResponse,
  type Workflow,
  WorkflowState,
} from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { mayReadContent } from "../../live/rights.ts";
import { useLive } from "../../live/use-live.ts";
import { useStream } from "../../live/use-stream.ts";
import { href, type Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { ViewStreamNote } from "../../shell/stream-note.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { FailureNote } from "../../ui/failure-note.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { PayloadView } from "../../ui/payload-view.tsx";
import { WorkflowStateMark } from "../../ui/state-mark.tsx";
import { enumName } from "../../ui/text.ts";
import { useLoad } from "../../ui/use-load.ts";
import { CompensationList } from "./compensation-list.tsx";
import { inCompensationOrder } from "./compensations.ts";
import { StepDetail } from "./step-detail.tsx";
import { StepGraph } from "./step-graph.tsx";
import { StepTable } from "./step-table.tsx";
import { WorkflowActions } from "./workflow-actions.tsx";
import { WorkflowFacts } from "./workflow-facts.tsx";

/** One workflow: `#/workflow/ID?step=charge`. It is live while it is not at rest. */
export function WorkflowView({ route: { path, query } }: { readonly route: Route }) {
  const id = path[1] ?? "";
  const { value, failure, isLoading, reload } = useLoad(`workflow ${id}`, (signal) =>
    rpc.workflows.getWorkflow({ workflowId: id }, { signal }),
  );
  const workflow = value?.workflow;
  const isAtRest = workflow?.finishTime !== undefined;

  // The stream ends when the workflow comes to rest, and is opened again when it is retried.
  const stream = useStream<WatchWorkflowResponse>(workflow === undefined || isAtRest ? null : id, {
    open: (signal) => rpc.workflows.watchWorkflow({ workflowId: id }, { signal, timeoutMs: 0 }),
    onMessage: reload,
    isOver: () => true,
  });
  // Why a step waits changes with its queue: when a worker comes, or the queue is paused.
  useLive(isAtRest ? null : reload);

  if (workflow === undefined) {
    return (
      <>
        <h1>Workflow</h1>
        <FailureNote failure={failure} onRetry={reload} />
        {isLoading && <p class="empty">Loading.</p>}
      </>
    );
  }
  return (
    <>
      {!isAtRest && <ViewStreamNote {...stream} />}
      <FailureNote failure={failure} onRetry={reload} />
      <Shown workflow={workflow} selected={query.get("step") ?? ""} onChanged={reload} />
    </>
  );
}

interface ShownProps {
  readonly workflow: Workflow;
  readonly selected: string;
  readonly onChanged: () => void;
}

function Shown({ workflow, selected, onChanged }: ShownProps) {
  const { id, name, state, steps, input, damagedFields } = workflow;
  const step = steps.find(({ stepId }) => stepId === selected);
  const compensated = inCompensationOrder(steps);
  function hrefOf(stepId: string): string {
    return href(["workflow", id], { step: stepId === selected ? "" : stepId });
  }
  return (
    <>
      <div class="title">
        <h1>
          <Foreign text={name} /> <WorkflowStateMark state={state} />
        </h1>
        <WorkflowActions workflow={workflow} onChanged={onChanged} />
      </div>
      <p class="id">
        <code>{id}</code> <CopyButton text={id} label="Copy id" />
      </p>
      <WorkflowFacts workflow={workflow} />
      <h2>Steps</h2>
      {damagedFields.includes("steps") && <p class="failure">The steps are damaged on the disk: they may be wrong.</p>}
      <StepGraph steps={steps} compensated={compensated} selected={selected} hrefOf={hrefOf} />
      {step !== undefined && <StepDetail step={step} closeHref={href(["workflow", id])} />}
      <p class="unseen" role="status">
        The workflow is {enumName(WorkflowState, state)}.
      </p>
      <StepTable steps={steps} selected={selected} hrefOf={hrefOf} />
      <CompensationList workflow={workflow} steps={compensated} hrefOf={hrefOf} />
      <h2>Input</h2>
      <PayloadView
        payload={input}
        isHidden={!steps.every(({ serviceName }) => mayReadContent(serviceName))}
        isDamaged={damagedFields.includes("input")}
        name={`input-of-${id}`}
      />
    </>
  );
}
