import { type TaskFilter as WireFilter, TaskOrder as WireOrder } from "../../../gen/sitq/v1/queue_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { limits } from "../../contract/limits.ts";
import type { TaskFilter, TaskOrder } from "../../domain/operators/task-filter.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import {
  parseEnum,
  parseInteger,
  parseOptionalText,
  parseQueueName,
  parseTaskType,
  parseText,
  parseWorkerId,
} from "../convert/checks.ts";
import { fromTaskStates } from "../convert/task.ts";
import { fromDuration, fromTimestamp } from "../convert/times.ts";
import { refuseField } from "../convert/violations.ts";

const { words: orderWords } = protoEnum<TaskOrder, WireOrder>()({
  newest_first: WireOrder.NEWEST_FIRST,
  oldest_first: WireOrder.OLDEST_FIRST,
});

/** In which order tasks are listed. @throws SitqError with the field's path */
export function parseOrder(field: string, value: WireOrder): TaskOrder {
  return parseEnum(field, value, orderWords, "newest_first");
}

/** Which tasks are meant. @throws SitqError with the field's path */
export function fromFilter(filter: WireFilter | undefined, nowMs: number): TaskFilter {
  const attempts = fromRange(["attempt", filter?.minAttempt, filter?.maxAttempt], 0, limits.attempts);
  const priorities = fromRange(
    ["priority", filter?.minPriority, filter?.maxPriority],
    -limits.priority,
    limits.priority,
  );
  const { errorType } = filter ?? {};
  const stateAgeMs = fromDuration("filter.min_state_age", filter?.minStateAge, 0, limits.stateAgeMs);
  return {
    queue: filter?.queue ? parseQueueName("filter.queue", filter.queue) : null,
    type: filter?.type ? parseTaskType("filter.type", filter.type) : null,
    states: fromTaskStates("filter.states", filter?.states ?? []),
    correlationId: textOrNull("correlation_id", filter?.correlationId, limits.correlationIdBytes),
    createdAfterMs: fromTimestamp("filter.created_after", filter?.createdAfter),
    createdBeforeMs: fromTimestamp("filter.created_before", filter?.createdBefore),
    errorType: errorType === undefined ? null : parseText("filter.error_type", errorType, limits.errorTypeBytes),
    errorText: textOrNull("error_text", filter?.errorText, limits.filterTextBytes),
    workerId: filter?.workerId ? parseWorkerId("filter.worker_id", filter.workerId) : null,
    sourceService: textOrNull("source_service", filter?.sourceService, limits.serviceBytes),
    minAttempt: attempts.least,
    maxAttempt: attempts.most,
    minPriority: priorities.least,
    maxPriority: priorities.most,
    inStateSinceMs: stateAgeMs === null ? null : nowMs - stateAgeMs,
  };
}

/** Refuses a filter by the text of errors to a caller who may not read it: the answer would tell what it is. */
export function mustReadContentOf(
  { queue, errorText }: TaskFilter,
  context: Pick<RpcContext, "mustReadContent">,
): void {
  if (errorText === null) return;
  context.mustReadContent(queue === null ? [] : [{ kind: "queue", name: queue }], "filter.error_text");
}

function textOrNull(name: string, value: string | undefined, mostBytes: number): string | null {
  return parseOptionalText(`filter.${name}`, value ?? "", mostBytes);
}

/** A range of numbers of which each end may be open. */
function fromRange(
  [name, min, max]: readonly [name: string, min: number | undefined, max: number | undefined],
  least: number,
  most: number,
): { readonly least: number | null; readonly most: number | null } {
  const boundOf = (field: string, value: number | undefined) =>
    value === undefined ? null : parseInteger(field, value, least, most);
  const range = { least: boundOf(`filter.min_${name}`, min), most: boundOf(`filter.max_${name}`, max) };
  if (range.least !== null && range.most !== null && range.least > range.most) {
    refuseField(`filter.max_${name}`, `is ${range.most}, less than min_${name}`);
  }
  return range;
}
