import type { Task } from "../../../../gen/sitq/v1/task_pb.js";
import { href } from "../../route.ts";
import { type Fact, Facts } from "../../ui/facts.tsx";
import { Foreign } from "../../ui/foreign.tsx";
import { eventHref, QueueLink, SubscriptionLink, TaskLink, TraceLink, WorkflowLink } from "../../ui/links.tsx";
import { msOf, span } from "../../ui/text.ts";
import { TimeOf } from "../../ui/time-of.tsx";

/** What a task is, and where it came from. */
export function TaskFacts({ task }: { readonly task: Task }) {
  const { queue, origin, sourceService, workerId } = task;
  const timeoutMs = msOf(task.attemptTimeout);
  const facts: readonly Fact[] = [
    ["Queue", <QueueLink key="queue" name={queue} />],
    ["Attempts", `${task.attempt} of ${task.maxAttempts}`],
    ["Priority", `${task.priority}`],
    ["Timeout of one", timeoutMs === null ? null : span(timeoutMs)],
    ["Expires", task.expireTime === undefined ? null : <TimeOf at={task.expireTime} />],
    ["Worker", workerId === "" ? null : <Foreign text={workerId} />],
    ["Came from", <Origin key="origin" task={task} />],
    ["Service", sourceService === "" ? null : <Foreign text={sourceService} />],
    ["Correlation", task.correlationId === "" ? null : <TraceLink correlationId={task.correlationId} />],
    ["Deduplication", task.deduplicationKey === "" ? null : <Foreign text={task.deduplicationKey} />],
    ["Request id", task.requestId === "" ? null : <Foreign text={task.requestId} />],
    ["Ran again from", origin?.rerunOfTaskId ? <TaskLink id={origin.rerunOfTaskId} /> : null],
  ];
  return <Facts facts={facts} />;
}

function Origin({ task: { origin } }: { readonly task: Task }) {
  if (origin === undefined) return <>a producer</>;
  const { workflowId, stepId, eventId, subscription, isCompensation, eventSourceService, rerunOfTaskId } = origin;
  if (workflowId !== "") {
    return (
      <>
        {isCompensation ? "the compensation of step " : "step "}
        <a href={href(["workflow", workflowId], { step: stepId })}>
          <Foreign text={stepId} />
        </a>{" "}
        of workflow <WorkflowLink id={workflowId} />
      </>
    );
  }
  if (eventId !== "") {
    return (
      <>
        event{" "}
        <a href={eventHref(eventSourceService, eventId)}>
          <Foreign text={eventId} />
        </a>{" "}
        by subscription <SubscriptionLink name={subscription} />
      </>
    );
  }
  return <>{rerunOfTaskId === "" ? "a producer" : "a task that was run again"}</>;
}
