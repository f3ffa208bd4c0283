import { idOfKey } from "../../../domain/ids.ts";
import type { FailureGroup } from "../../../domain/operators/failure-group.ts";
import type { TaskError } from "../../../domain/tasks/task.ts";
import { readJson, textOf } from "../../rows/json-column.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { errorTypeSql } from "../tasks/task-conditions.ts";

interface FailureRow {
  readonly id: number;
  readonly queue_id: number;
  readonly type: string;
  readonly error_type: string;
  readonly task_count: number;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly sample_id: number;
}

interface Sample {
  readonly id: number;
  readonly error: string | null;
}

/** Among how many of a queue's newest failed tasks, and of its oldest, a sample is looked for. */
const nearRows = 200;

/** Creates the verb `listFailures` on an open database. */
export function createListFailures({ db, queues }: Engine): SyncVerb<Store["listFailures"]> {
  const isAfter = "(task_count, id) < (@count, @id) AND (@type IS NULL OR type = @type)";
  const inOrder = "ORDER BY task_count DESC, id DESC LIMIT @limit";
  const selectLargest = db.prepare<object, FailureRow>(
    `SELECT * FROM failure INDEXED BY failure_largest WHERE ${isAfter} ${inOrder}`,
  );
  const selectOfQueue = db.prepare<object, FailureRow>(
    `SELECT * FROM failure INDEXED BY failure_of_queue WHERE queue_id = @queueId AND ${isAfter} ${inOrder}`,
  );
  const isOfKind = `type = @type AND ${errorTypeSql} = @errorType`;
  const selectSample = db.prepare<object, Sample>(
    `SELECT id, error FROM task WHERE id = @id AND state = ${stateNumber.failed} AND queue_id = @queueId AND ${isOfKind}`,
  );
  const selectNear = ["DESC", "ASC"].map((direction) =>
    db.prepare<object, Sample>(
      `SELECT id, error FROM (SELECT id, type, error FROM task INDEXED BY task_stopped
         WHERE queue_id = @queueId AND state = ${stateNumber.failed} AND ${taskIs.stopped} ORDER BY id ${direction} LIMIT ${nearRows})
       WHERE ${isOfKind} LIMIT 1`,
    ),
  );

  function sampleOf({ queue_id: queueId, type, error_type: errorType, sample_id: id }: FailureRow): Sample | null {
    const kind = { queueId, type, errorType };
    const newest = selectSample.get({ ...kind, id });
    if (newest !== undefined) return newest;
    for (const near of selectNear) {
      const found = near.get(kind);
      if (found !== undefined) return found;
    }
    return null;
  }

  function groupOf(row: FailureRow): FailureGroup {
    const sample = sampleOf(row);
    return {
      queue: queues.byId(row.queue_id).name,
      type: row.type,
      errorType: row.error_type,
      count: row.task_count,
      firstMs: row.first_ms,
      lastMs: row.last_ms,
      sampleId: sample && idOfKey(sample.id),
      sampleMessage: sample && textOf(readJson<TaskError>(sample.error)?.message ?? null),
    };
  }

  return ({ queue, type, cursor, limit }) => {
    const entry = queue === null ? null : queues.byName(queue);
    if (entry === undefined) return { groups: [], nextCursor: null };
    const after = { ...afterCursor(cursor), type, limit: limit + 1 };
    const rows = entry === null ? selectLargest.all(after) : selectOfQueue.all({ ...after, queueId: entry.id });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return { groups: page.map(groupOf), nextCursor: last === undefined ? null : `${last.task_count}.${last.id}` };
  };
}

function afterCursor(cursor: string | null): { readonly count: number; readonly id: number } {
  const [count = Number.MAX_SAFE_INTEGER, id = 0] = cursor === null ? [] : cursor.split(".").map(Number);
  return { count, id };
}
