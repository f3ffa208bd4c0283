import type { TaskFilter as WireFilter } from "../../../gen/sitq/v1/queue_service_pb.js";
import { limits } from "../../contract/limits.ts";
import type { TaskFilter } from "../../domain/tasks/task.ts";
import { parseQueueName, parseTaskType, parseText } from "../convert/checks.ts";
import { fromTaskStates } from "../convert/task.ts";
import { fromTimestamp } from "../convert/times.ts";

/** Which tasks are meant. @throws SitqError with the field's path */
export function fromFilter(filter: WireFilter | undefined): TaskFilter {
  const correlationId = filter?.correlationId ?? "";
  return {
    queue: filter?.queue ? parseQueueName("filter.queue", filter.queue) : null,
    type: filter?.type ? parseTaskType("filter.type", filter.type) : null,
    states: fromTaskStates("filter.states", filter?.states ?? []),
    correlationId: parseText("filter.correlation_id", correlationId, limits.correlationIdBytes) || null,
    createdAfterMs: fromTimestamp("filter.created_after", filter?.createdAfter),
    createdBeforeMs: fromTimestamp("filter.created_before", filter?.createdBefore),
  };
}
