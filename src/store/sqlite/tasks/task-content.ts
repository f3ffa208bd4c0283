import { notBefore } from "../../../domain/clock.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { Task, TaskError, TaskOrigin, TaskProgress } from "../../../domain/tasks/task.ts";
import { readJson, textOf } from "../../rows/json-column.ts";
import type { FullTaskRow, ResultRow, TaskRow } from "../../rows/task-rows.ts";
import { optionsOf, policyOf } from "../../rows/task-rows.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { isSound } from "../rows/checksums.ts";
import { isSoundResult, taskChecksum } from "../rows/task-checksum.ts";

/** What of a task is read only where it is read whole. */
type Content = Pick<Task, "payload" | "headers" | "result" | "event" | "damagedFields">;

/** The content of a row, as far as it has the columns; what does not fit its checksum is left out. */
export function contentOf(row: TaskRow | ResultRow | FullTaskRow, { origins, damages }: Engine): Content {
  const damagedFields: NonNullable<Task["damagedFields"]>[number][] = [];
  const content = { payload: null, headers: null, event: null, result: "result" in row ? row.result : null };
  if ("result" in row && !isSoundResult(row)) {
    damages.leftOut(`the result of task ${idOfKey(row.id)}`);
    damagedFields.push("result");
    content.result = null;
  }
  if (!("payload" in row)) return damagedFields.length === 0 ? content : { ...content, damagedFields };

  const event = origins.eventOf(row);
  const isRowSound = isSound(row, taskChecksum);
  if (!isRowSound) {
    damages.leftOut(`task ${idOfKey(row.id)}`);
    damagedFields.push("payload", "headers");
  } else if (row.event_key !== null && (event === null || event.damagedFields)) {
    // No event is deleted before its deliveries: one that is not found is damaged.
    if (event === null) damages.leftOut(`the event of task ${idOfKey(row.id)}`);
    damagedFields.push("payload");
  }
  return {
    ...content,
    payload: isRowSound ? (row.payload ?? event?.data ?? null) : null,
    headers: isRowSound ? readJson<Record<string, string>>(row.headers) : null,
    event: event && { ...event, data: null },
    ...(damagedFields.length > 0 && { damagedFields }),
  };
}

/** A task of a row; without the large columns they are `null`. The payload of a delivery is its event's data. */
export function taskOf(row: TaskRow | ResultRow | FullTaskRow, engine: Engine): Task {
  const { queues, origins, keys } = engine;
  const queue = queues.byId(row.queue_id);
  return {
    id: idOfKey(row.id),
    queue: queue.name,
    type: textOf(row.type) ?? "",
    ...contentOf(row, engine),
    priority: row.priority,
    state: stateOf(row.state),
    scheduleMs: row.schedule_ms,
    expireMs: row.expire_ms,
    attempt: row.attempt,
    attemptBase: row.attempt_base,
    ...policyOf(row, queue),
    correlationId: textOf(row.correlation_id),
    sourceService: textOf(row.source_service),
    deduplicationKey: textOf(row.deduplication_key),
    requestId: textOf(row.request_id),
    workerId: textOf(row.worker_id),
    error: readJson<TaskError>(row.error),
    progress: readJson<TaskProgress>(row.progress),
    origin: origins.of(row) ?? rerunOrigin(row),
    createMs: keys.timeOf(row.id),
    startMs: row.start_ms,
    finishMs: row.finish_ms === null ? null : notBefore(row.start_ms, row.finish_ms),
  };
}

function rerunOrigin(row: Pick<TaskRow, "options">): TaskOrigin | null {
  const { rerunOf = null } = optionsOf(row);
  return rerunOf === null ? null : { kind: "rerun", taskId: rerunOf };
}
