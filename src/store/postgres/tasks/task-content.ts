import { notBefore } from "../../../domain/clock.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { Task, TaskError, TaskOrigin, TaskProgress } from "../../../domain/tasks/task.ts";
import { readJson } from "../../rows/json-column.ts";
import {
  type FullTaskRow,
  optionsOf,
  policyOf,
  type ResultRow,
  type TaskRow,
  taskColumns,
} from "../../rows/task-rows.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";

/** A row of a task, whole. */
export type WholeTaskRow = Omit<FullTaskRow, "checksum" | "result_checksum">;

/** The columns of a WholeTaskRow. */
export const wholeColumns = `${taskColumns}, result, headers, payload`;

/** A row of a task with as many of its large columns as were read. */
export type AnyTaskRow = TaskRow | Omit<ResultRow, "result_checksum"> | WholeTaskRow;

/** The tasks of rows, in their order; without the large columns they are `null`. The payload of a delivery is its event's data. */
export async function tasksOf(
  rows: readonly AnyTaskRow[],
  { queues, origins, keys }: Pick<Engine, "queues" | "origins" | "keys">,
): Promise<Task[]> {
  const known = await queues.byId(rows.map(({ queue_id }) => queue_id));
  const belongTo = await origins.of(rows);
  const events = await origins.eventsOf(rows.filter((row) => "payload" in row));
  return rows.map((row): Task => {
    const queue = known.get(row.queue_id);
    if (queue === undefined) throw new Error(`task ${row.id} has no queue`);
    const event = events.get(row.id) ?? null;
    return {
      id: idOfKey(row.id),
      queue: queue.name,
      type: row.type,
      payload: "payload" in row ? (row.payload ?? event?.data ?? null) : null,
      headers: "headers" in row ? readJson<Record<string, string>>(row.headers) : null,
      result: "result" in row ? row.result : null,
      event: event && { ...event, data: null },
      priority: row.priority,
      state: stateOf(row.state),
      scheduleMs: row.schedule_ms,
      expireMs: row.expire_ms,
      attempt: row.attempt,
      attemptBase: row.attempt_base,
      ...policyOf(row, queue),
      correlationId: row.correlation_id,
      sourceService: row.source_service,
      deduplicationKey: row.deduplication_key,
      requestId: row.request_id,
      workerId: row.worker_id,
      error: readJson<TaskError>(row.error),
      progress: readJson<TaskProgress>(row.progress),
      origin: belongTo.get(row.id) ?? rerunOrigin(row),
      createMs: keys.timeOf(row.id),
      startMs: row.start_ms,
      finishMs: row.finish_ms === null ? null : notBefore(row.start_ms, row.finish_ms),
    };
  });
}

function rerunOrigin(row: Pick<TaskRow, "options">): TaskOrigin | null {
  const { rerunOf = null } = optionsOf(row);
  return rerunOf === null ? null : { kind: "rerun", taskId: rerunOf };
}
