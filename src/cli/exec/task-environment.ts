import type { EventInfo, TaskInfo, WorkflowInfo } from "../../client/index.ts";

import { traceFields } from "../../contract/trace-context.ts";
import { traceVariables } from "../input/trace-variables.ts";

/** How the payload arrives: on standard input as JSON or bytes, or not at all. */
export type PayloadKind = "json" | "binary" | "message" | "empty";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the variables of a program say of its task, over those of this process. What another worker's task left there is gone, as is
 * where this program keeps its compiled code.
 *
 * Each header is `SITQ_HEADER_` and its name in capitals, with `_` for whatever else is in it; `SITQ_HEADERS` has all of them as
 * JSON, exactly.
 */
export function taskEnvironment(
  inherited: Environment,
  task: TaskInfo,
  kind: PayloadKind,
  connection: Environment,
): Environment {
  const own = Object.entries(inherited).filter(
    ([name]) =>
      !/^(NODE_COMPILE_CACHE$|TRACE(PARENT|STATE)$|SITQ_(TASK_|EVENT_|WORKFLOW_|STEP_|IS_COMPENSATION|HEADER|CORRELATION_ID|PAYLOAD_))/.test(
        name,
      ),
  );
  const headers = Object.entries(task.headers).map(([key, value]) => [headerName(key), withoutNul(value)]);
  return {
    ...Object.fromEntries(own),
    ...Object.fromEntries(headers),
    ...connection,
    SITQ_TASK_ID: task.id,
    SITQ_TASK_TYPE: task.type,
    SITQ_TASK_QUEUE: task.queue,
    SITQ_TASK_ATTEMPT: String(task.attempt),
    SITQ_TASK_MAX_ATTEMPTS: String(task.maxAttempts),
    SITQ_CORRELATION_ID: withoutNul(task.correlationId),
    SITQ_PAYLOAD_KIND: kind,
    SITQ_HEADERS: JSON.stringify(task.headers),
    ...traceEnvironment(task),
    ...(task.event && eventEnvironment(task.event)),
    ...(task.workflow && stepEnvironment(task.workflow)),
  };
}

/** The trace that the program is part of: that of its task, or of the event that the task delivers. */
function traceEnvironment({ headers, event }: TaskInfo): Environment {
  const { [traceFields.parent]: parent, [traceFields.state]: state } =
    headers[traceFields.parent] === undefined && event !== null ? event.attributes : headers;
  return {
    ...(typeof parent === "string" && { [traceVariables.parent]: withoutNul(parent) }),
    ...(typeof state === "string" && { [traceVariables.state]: withoutNul(state) }),
  };
}

function stepEnvironment({ workflowId, stepId, isCompensation }: WorkflowInfo): Environment {
  return { SITQ_WORKFLOW_ID: workflowId, SITQ_STEP_ID: stepId, SITQ_IS_COMPENSATION: String(isCompensation) };
}

function eventEnvironment({ id, sourceService, subject }: EventInfo): Environment {
  return {
    SITQ_EVENT_ID: withoutNul(id),
    SITQ_EVENT_SOURCE: withoutNul(sourceService),
    SITQ_EVENT_SUBJECT: withoutNul(subject),
  };
}

function headerName(key: string): string {
  return `SITQ_HEADER_${key.toUpperCase().replace(/[^A-Z0-9]/g, "_")}`;
}

/** No variable can hold it, and one would keep the program from starting. */
function withoutNul(text: string): string {
  return text.replaceAll("\0", "");
}
