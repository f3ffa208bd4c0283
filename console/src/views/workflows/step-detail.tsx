import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import type { WorkflowStep } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { mayReadContent } from "../../live/rights.ts";
import { Took } from "../../ui/age.tsx";
import { type Fact, Facts } from "../../ui/facts.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { QueueLink, TaskLink } from "../../ui/links.tsx";
import { PayloadView } from "../../ui/payload-view.tsx";
import { TaskStateMark } from "../../ui/state-mark.tsx";
import { TaskErrorView } from "../../ui/task-error.tsx";
import { msOf, span } from "../../ui/text.ts";
import { TimeOf } from "../../ui/time-of.tsx";
import { Why } from "../../ui/why.tsx";

/** The retries of a step where its definition does not say. */
const defaultRetries = 3;

/** What stands for a result that is not there. Default: `none yet`. */
const emptyResult: Readonly<Partial<Record<TaskState, string>>> = {
  [TaskState.COMPLETED]: "empty",
  [TaskState.FAILED]: "none",
  [TaskState.CANCELLED]: "none",
};

/** One step in detail: its task, its attempts, what it was given and what came of it. */
export function StepDetail({ step, closeHref }: { readonly step: WorkflowStep; readonly closeHref: string }) {
  const { stepId, state, attempt, startTime, finishTime, compensation, lastError, explanation, timeout } = step;
  const timeoutMs = msOf(timeout);
  const isHidden = !mayReadContent(step.serviceName);
  const facts: readonly Fact[] = [
    ["State", <TaskStateMark key="state" state={state} />],
    ["Why it waits", explanation?.message ? <Why explanation={explanation} /> : null],
    ["Task", <TaskLink key="task" id={step.taskId} />],
    ["Action", <Foreign key="action" text={step.action} />],
    ["Queue", <QueueLink key="queue" name={step.serviceName} />],
    ["Attempts", `${attempt} used, ${step.maxRetries ?? defaultRetries} retries`],
    ["Timeout of one", timeoutMs === null ? null : span(timeoutMs)],
    ["Worker", step.workerId === "" ? null : <Foreign text={step.workerId} />],
    ["Depends on", step.dependsOn.length === 0 ? null : step.dependsOn.join(", ")],
    ["Newest attempt", startTime === undefined ? null : <TimeOf at={startTime} />],
    [
      "Took",
      startTime === undefined ? null : (
        <Took from={startTime} to={finishTime} isRunning={state === TaskState.RUNNING} />
      ),
    ],
    ["Error", lastError === undefined ? null : <TaskErrorView error={lastError} />],
    ["Compensated by", step.compensateWith === "" ? null : <Foreign text={step.compensateWith} />],
  ];
  return (
    <section class="detail" aria-label={`Step ${stepId}`}>
      <div class="title">
        <h3>{stepId}</h3>
        <a href={closeHref}>Close</a>
      </div>
      <Facts facts={facts} />
      <h4>Parameters</h4>
      <PayloadView
        payload={step.parameters}
        isHidden={isHidden}
        isDamaged={step.damagedFields.includes("parameters")}
        name={`parameters-of-${step.taskId}`}
      />
      <h4>Result</h4>
      <PayloadView
        payload={step.result}
        isHidden={isHidden && state === TaskState.COMPLETED}
        name={`result-of-${step.taskId}`}
        isDamaged={step.damagedFields.includes("result")}
        empty={emptyResult[state] ?? "none yet"}
      />
      {compensation !== undefined && (
        <>
          <h4>
            Compensation <TaskStateMark state={compensation.state} />
          </h4>
          <p>
            <TaskLink id={compensation.taskId} /> <Why explanation={compensation.explanation} />
          </p>
          <TaskErrorView error={compensation.lastError} />
          {compensation.result !== undefined && (
            <PayloadView payload={compensation.result} isDamaged={compensation.damagedFields.includes("result")} />
          )}
        </>
      )}
    </section>
  );
}
