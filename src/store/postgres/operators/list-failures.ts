import { idOfKey } from "../../../domain/ids.ts";
import type { TaskError } from "../../../domain/tasks/task.ts";
import { readJson } from "../../rows/json-column.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { partitionIs } from "../rows/partitions.ts";

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

interface SampleRow {
  /** The number of its kind. */
  readonly kind: number;
  readonly id: number;
  readonly error: string | null;
}

/** Among how many of a queue's newest failed tasks, and of its oldest, a sample is looked for. */
const nearRows = 200;

/** Creates the verb `listFailures`. */
export function createListFailures({ db, queues }: Pick<Engine, "db" | "queues">): Pick<TaskStore, "listFailures"> {
  const isAfter = "(task_count, id) < ($1, $2) AND ($3::text IS NULL OR type = $3)";
  const inOrder = "ORDER BY task_count DESC, id DESC LIMIT $4";
  const columns = "id, queue_id, type, error_type, task_count, first_ms, last_ms, sample_id";
  const selectLargest = `SELECT ${columns} FROM failure WHERE ${isAfter} ${inOrder}`;
  const selectOfQueue = `SELECT ${columns} FROM failure WHERE queue_id = $5 AND ${isAfter} ${inOrder}`;
  const isOfKind = `queue_id = kind.queue_id AND state = ${stateNumber.failed} AND ${taskIs.stopped} AND ${partitionIs.finished}`;
  // As its error was written: within a text the quotes would be escaped.
  const hasType = "type = kind.type AND position(kind.error_type in error) > 0";
  const near = (direction: "DESC" | "ASC") =>
    `SELECT id, error FROM (SELECT id, type, error FROM task WHERE ${isOfKind} ORDER BY id ${direction} LIMIT ${nearRows}) AS near
       WHERE ${hasType}`;
  const selectSamples = `SELECT kind.id AS kind, sample.id, sample.error
    FROM unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::bigint[]) AS kind (id, queue_id, type, error_type, sample_id),
      LATERAL (
        SELECT id, error FROM task WHERE id = kind.sample_id AND ${isOfKind} AND ${hasType}
        UNION ALL (${near("DESC")} LIMIT 1) UNION ALL (${near("ASC")} LIMIT 1) LIMIT 1
      ) AS sample`;

  /** One failed task of each kind, by the kind's number; where the one that failed last has left, one that is near. */
  async function samplesOf(kinds: readonly FailureRow[]): Promise<ReadonlyMap<number, SampleRow>> {
    const samples = await db.all<SampleRow>(selectSamples, [
      kinds.map(({ id }) => id),
      kinds.map(({ queue_id: queueId }) => queueId),
      kinds.map(({ type }) => type),
      kinds.map(({ error_type: errorType }) => `"type":${JSON.stringify(errorType)}`),
      kinds.map(({ sample_id: sampleId }) => sampleId),
    ]);
    return new Map(samples.map((sample) => [sample.kind, sample]));
  }

  return {
    async listFailures({ queue, type, cursor, limit }) {
      const entry = queue === null ? null : (await queues.find([queue])).get(queue);
      if (entry === undefined) return { groups: [], nextCursor: null };
      const after = [...afterCursor(cursor), type, limit + 1];
      const rows = await (entry === null
        ? db.all<FailureRow>(selectLargest, after)
        : db.all<FailureRow>(selectOfQueue, [...after, entry.id]));
      const page = rows.slice(0, limit);
      const last = rows.length > limit ? page.at(-1) : undefined;
      const entries = await queues.byId(page.map((row) => row.queue_id));
      const samples = await samplesOf(page);
      return {
        groups: page.map((row) => {
          const sample = samples.get(row.id);
          return {
            queue: entries.get(row.queue_id)?.name ?? "",
            type: row.type,
            errorType: row.error_type,
            count: row.task_count,
            firstMs: row.first_ms,
            lastMs: row.last_ms,
            sampleId: sample === undefined ? null : idOfKey(sample.id),
            sampleMessage: sample === undefined ? null : (readJson<TaskError>(sample.error)?.message ?? null),
          };
        }),
        nextCursor: last === undefined ? null : `${last.task_count}.${last.id}`,
      };
    },
  };
}

function afterCursor(cursor: string | null): readonly [count: number, id: number] {
  const [count = Number.MAX_SAFE_INTEGER, id = 0] = cursor === null ? [] : cursor.split(".").map(Number);
  return [count, id];
}
