import type { Watched } from "../../changes.ts";

/** What a transaction finds when it begins. */
export interface Begun {
  /** Of what servers keep in memory. */
  readonly revision: number;
  /** What some server watches. */
  readonly watched: Watched;
}

/** What `beginSql` answers. */
export type FoundRow = { readonly value: number } & Watched;

const found = `
  WITH mark AS (
    UPDATE server SET batch = $2, batch_xid = pg_current_xact_id()::xid WHERE id = $1 AND end_ms IS NULL AND batch < $2
    RETURNING cardinality(task_watchers) > 0 AS tasks, cardinality(workflow_watchers) > 0 AS workflows
  ), found AS (SELECT value, tasks, workflows FROM revision, mark)`;

/**
 * Begins batch $2 of the server $1, unless a later one was committed or the outcome of this one was looked up: then this is a session that was given
 * up and goes on late. The lists say which servers watch what it changes: see engine/watchers.ts. They are in the row that is changed, and
 * so never out of date. Who ends this server changes the row as well: that waits for this transaction, or this one finds it.
 */
export const beginSql = `${found} SELECT value, tasks, workflows FROM found`;

/** The same where it is known what it finds: anything else is a division by zero, after which nothing of the transaction takes effect. */
export const beginAsFoundSql = `${found}
  SELECT 1 / count(*) FROM found WHERE value = $3::bigint AND tasks = $4::boolean AND workflows = $5::boolean`;

/** What a row of `beginSql` says. */
export function foundOf({ value: revision, tasks, workflows }: FoundRow): Begun {
  return { revision, watched: { tasks, workflows } };
}
