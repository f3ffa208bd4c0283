import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { CompensationState, type Workflow } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { type Fact, Facts } from "../../ui/facts.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { TraceLink } from "../../ui/links.tsx";
import { compensationWords } from "../../ui/state-mark.tsx";
import { TaskErrorView } from "../../ui/task-error.tsx";
import { counted, msOf, span } from "../../ui/text.ts";
import { TimeOf } from "../../ui/time-of.tsx";
import { Why } from "../../ui/why.tsx";

/** What there is to know of a workflow as a whole: why it failed, what it waits for, its times. */
export function WorkflowFacts({ workflow }: { readonly workflow: Workflow }) {
  const { steps, failure, wait, compensationState, duration, sourceService, requestId, finishTime } = workflow;
  const done = steps.filter(({ state }) => state === TaskState.COMPLETED).length;
  const tookMs = msOf(duration);
  const facts: readonly Fact[] = [
    ["Steps", `${done} of ${counted(steps.length, "step")} completed`],
    [
      "Waits for",
      wait === undefined ? null : (
        <>
          <strong>{wait.isCompensation ? `the compensation of ${wait.stepId}` : wait.stepId}</strong>{" "}
          <Why explanation={wait.explanation} />
        </>
      ),
    ],
    [
      failure?.stepId === "" ? "Cancelled" : "Failed",
      failure === undefined ? null : (
        <>
          {failure.stepId !== "" && <strong>{failure.stepId}</strong>}
          <TaskErrorView error={failure.error} />
        </>
      ),
    ],
    ["Compensation", compensationState === CompensationState.UNSPECIFIED ? null : compensationWords(compensationState)],
    ["Started by", sourceService === "" ? null : <Foreign text={sourceService} />],
    ["Correlation", <TraceLink key="trace" correlationId={workflow.correlationId} />],
    ["Request id", requestId === "" ? null : <Foreign text={requestId} />],
    ["Stored", <TimeOf key="stored" at={workflow.createTime} />],
    ["At rest", finishTime === undefined ? null : <TimeOf at={finishTime} />],
    [finishTime === undefined ? "Runs for" : "Took", tookMs === null ? null : span(tookMs)],
  ];
  return <Facts facts={facts} />;
}
