import type { TaskFilter as WireFilter } from "../../../gen/sitq/v1/queue_service_pb.js";
import type { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import type { TaskState as DomainState, TaskFilter } from "../../domain/tasks/task.ts";
import { parseQueueName, parseTaskType, parseText } from "../convert/checks.ts";
import { fromTaskState } from "../convert/task.ts";
import { fromTimestamp } from "../convert/times.ts";

/** States as they are asked for; none twice. */
export function fromStates(field: string, values: readonly TaskState[]): DomainState[] {
  const states = values.map((value, index) => {
    const state = fromTaskState(value);
    if (state === undefined) throw invalidField(`${field}[${index}]`, `${value} is not a state of a task`);
    return state;
  });
  return [...new Set(states)];
}

/** Which tasks are meant. @throws SitqError with the field's path */
export function fromFilter(filter: WireFilter | undefined): TaskFilter {
  const correlationId = filter?.correlationId ?? "";
  return {
    queue: filter?.queue ? parseQueueName("filter.queue", filter.queue) : null,
    type: filter?.type ? parseTaskType("filter.type", filter.type) : null,
    states: fromStates("filter.states", filter?.states ?? []),
    correlationId: parseText("filter.correlation_id", correlationId, limits.correlationIdBytes) || null,
    createdAfterMs: fromTimestamp("filter.created_after", filter?.createdAfter),
    createdBeforeMs: fromTimestamp("filter.created_before", filter?.createdBefore),
  };
}
