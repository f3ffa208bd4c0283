import { keyOfId } from "../../../domain/ids.ts";
import { type AttemptEnd, afterAttempt } from "../../../domain/tasks/attempt-end.ts";
import type { EndedAttempt } from "../../../domain/tasks/attempt-history.ts";
import type { Completed, Settlement, UncompletedOutcome } from "../../../domain/tasks/outcome.ts";
import { judgeRepeat } from "../../../domain/tasks/repeated-outcome.ts";
import { type AttemptRow, endedAttemptOf, policyOf, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, stateOf } from "../../rows/task-states.ts";
import type { SettleAnswer } from "../../task-store.ts";
import { type ListedColumn, listedRows } from "../database/listed-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { distinctRuns, type SetVerb } from "../engine/set-verbs.ts";
import { addCounts } from "../rows/counts.ts";
import { heldColumns, heldSql, heldValues } from "../rows/held.ts";
import { finishedPartition, partitionIs } from "../rows/partitions.ts";
import type { FinalMove, MovedRow, ReturnMove, Transitions } from "./transitions.ts";

/** A settlement with its time. */
interface Item<Kind = Settlement["outcome"]> extends Settlement {
  /** Of its task; 0: that is no id. */
  readonly key: number;
  readonly outcome: Settlement["outcome"] & Kind;
  readonly nowMs: number;
}

/** A row whose lease a settlement does not hold. */
type ReportedRow = Pick<TaskRow, "id" | "queue_id" | "state" | "attempt" | "worker_id" | "schedule_ms"> & {
  readonly result: Uint8Array | null;
};

/** The outcomes that are judged by the attempts before. */
const askHistory: ReadonlySet<Settlement["outcome"]["kind"]> = new Set(["released", "not_arrived"]);

/** What a server reports by itself: it is heard of the leases that it watches. */
const ofServer: ReadonlySet<Settlement["outcome"]["kind"]> = new Set([
  "unsent",
  "not_arrived",
  "lease_lost",
  "timed_out",
]);

/** Creates the verb `settle`. */
export function createSettle(
  { db, along, queues, serverId, tallies }: Engine,
  transitions: Transitions,
): SetVerb<"settle"> {
  /**
   * Completes attempts by one statement; answers those that held their leases, by key.
   *
   * @param isLast it divides by zero, see `CommitAlong`, where one has not held its lease, or belongs to a workflow or a subscription
   */
  async function complete(items: readonly Item<Completed>[], isLast: boolean): Promise<ReadonlyMap<number, MovedRow>> {
    if (items.length === 0) return new Map();
    const columns: ListedColumn[] = [
      ...heldColumns(items),
      { name: "finish_ms", type: "bigint", kind: "shared", values: items.map(({ nowMs }) => nowMs) },
      { name: "result", type: "bytea", kind: "rare", values: items.map(({ outcome }) => outcome.result) },
      {
        name: "traceparent",
        type: "text",
        kind: "rare",
        values: items.map(({ outcome }) => outcome.traceparent ?? null),
      },
    ];
    const held = listedRows(columns, [items.length, serverId, isLast]);
    const rows = await db.all<MovedRow>(
      `WITH done AS (
       UPDATE task SET state = ${stateNumber.completed}, result = held.result, finish_ms = held.finish_ms, lease_ms = NULL,
         progress = NULL, traceparent = CASE WHEN workflow_id IS NULL THEN task.traceparent
           ELSE coalesce(held.traceparent, task.traceparent) END,
         partition_key = ${finishedPartition("(held.finish_ms + task.retention_key)")}
       FROM (${held.sql}) AS held
       WHERE ${heldSql} AND ${partitionIs.live}
       RETURNING task.id, queue_id, ${stateNumber.running}::int AS state, subscription_id, ordering_key, workflow_id, undoes, start_ms
     ), counted AS (
       ${addCounts("SELECT queue_id, $2, -count(*), count(*) FROM done GROUP BY queue_id ORDER BY queue_id", ["running", "completed"])}
     ), checked AS MATERIALIZED (
       SELECT 1 / CASE WHEN $3::bool AND (count(*) < $1 OR bool_or(subscription_id IS NOT NULL OR workflow_id IS NOT NULL))
         THEN 0 ELSE 1 END AS is_last FROM done
     ) SELECT done.* FROM checked JOIN done ON is_last = 1`,
      held.values,
    );
    const completed = new Map(rows.map((row) => [row.id, row]));
    await transitions.moved(
      items.flatMap(({ key }) => completed.get(key) ?? []),
      "completed",
      items.at(-1)?.nowMs ?? 0,
      true,
    );
    for (const { key, nowMs } of tallies === null ? [] : items) {
      const row = completed.get(key);
      if (row !== undefined)
        tallies?.attemptEnded(queues.known(row.queue_id), "completed", row.start_ms ?? null, nowMs);
    }
    return completed;
  }

  /** Ends attempts otherwise; answers the keys of those that held their leases. */
  async function endOtherwise(items: readonly Item<UncompletedOutcome>[]): Promise<ReadonlySet<number>> {
    if (items.length === 0) return new Set();
    const rows = await db.all<TaskRow>(
      `SELECT ${taskColumns.replaceAll(/\w+/g, "task.$&")}
       FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bool[], $5::bool[]) AS held (id, attempt, worker_id, stream, is_own)
       JOIN task_live AS task ON ${heldSql} AND (NOT held.is_own OR task.server_id = $6)
       ORDER BY task.id FOR UPDATE OF task`,
      [...heldValues(items), items.map(({ outcome }) => ofServer.has(outcome.kind)), serverId],
    );
    const held = new Map(rows.map((row) => [row.id, row]));
    const known = await queues.byId(rows.map((row) => row.queue_id));
    const asked = items.filter(({ key, outcome }) => held.has(key) && askHistory.has(outcome.kind));
    const histories = await historiesOf(asked.map(({ key }) => key));

    function endOf(row: TaskRow, { key, outcome, nowMs }: Item<UncompletedOutcome>): AttemptEnd {
      const { type, attempt, worker_id: workerId, start_ms: startMs, expire_ms: expireMs } = row;
      const queue = known.get(row.queue_id);
      if (queue === undefined) throw new Error(`task ${row.id} has no queue`);
      const policy = policyOf(row, queue);
      const task = {
        type,
        attempt,
        attemptBase: row.attempt_base,
        workerId: workerId ?? "",
        startMs,
        expireMs,
        policy,
      };
      return afterAttempt(task, outcome, () => histories.get(key) ?? [], nowMs);
    }

    for (const [nowMs, alike] of Map.groupBy(items, (item) => item.nowMs)) {
      const finals: FinalMove[] = [];
      const returns: ReturnMove[] = [];
      for (const item of alike) {
        const row = held.get(item.key);
        if (row === undefined) continue;
        const end = endOf(row, item);
        if (end.to === "failed") finals.push({ row, to: end.to, error: end.error, outcome: end.outcome });
        else returns.push({ row, end });
      }
      await transitions.finalize(finals, nowMs);
      await transitions.returnToQueue(returns, nowMs);
    }
    return new Set(held.keys());
  }

  /** The attempts on record of tasks, the newest first. */
  async function historiesOf(keys: readonly number[]): Promise<ReadonlyMap<number, EndedAttempt[]>> {
    if (keys.length === 0) return new Map();
    const rows = await db.all<Omit<AttemptRow, "error"> & { task_id: number }>(
      `SELECT task_id, attempt, worker_id, start_ms, finish_ms, outcome FROM attempt WHERE task_id = ANY($1)
       ORDER BY task_id, seq DESC`,
      [keys],
    );
    const grouped = Map.groupBy(rows, (row) => row.task_id);
    return new Map([...grouped].map(([id, some]) => [id, some.map(endedAttemptOf)]));
  }

  /** Answers what was not completed now: where tasks stand whose attempts ended otherwise, and what became of those whose leases are gone. */
  async function answerLater(
    items: readonly Item[],
    ended: ReadonlySet<number>,
  ): Promise<ReadonlyMap<Item, SettleAnswer>> {
    if (items.length === 0) return new Map();
    const missed = items.filter(({ key }) => !ended.has(key));
    const results = missed.some(({ outcome }) => outcome.kind === "completed") ? "result" : "NULL::bytea AS result";
    const rows: ReportedRow[] = [];
    // Nearly always all that are asked for wait for their next attempt: others are looked for in each part.
    for (const where of [partitionIs.live, "true"]) {
      const found = new Set(rows.map(({ id }) => id));
      const sought = items.flatMap(({ key }) => (found.has(key) ? [] : key));
      if (sought.length === 0) break;
      const some = await db.all<ReportedRow>(
        `SELECT id, queue_id, state, attempt, worker_id, schedule_ms, ${results} FROM task WHERE id = ANY($1) AND ${where}`,
        [sought],
      );
      rows.push(...some);
    }
    const byKey = new Map(rows.map((row) => [row.id, row]));
    const known = await queues.byId(rows.map((row) => row.queue_id));
    const uncompleted = missed.filter(({ outcome }) => outcome.kind !== "completed");
    const histories = await historiesOf(uncompleted.map(({ key }) => key));
    return new Map(
      items.map((item): [Item, SettleAnswer] => {
        const row = byKey.get(item.key);
        if (row === undefined) return [item, { status: "not_found" }];
        const state = stateOf(row.state);
        const { worker_id: workerId, attempt } = row;
        const task = { state, attempt, workerId, result: () => row.result, history: () => histories.get(row.id) ?? [] };
        const status = ended.has(item.key) ? "settled" : judgeRepeat(item, task);
        if (status === "stale") return [item, { status, state }];
        if (status === "already_settled") return [item, { status }];
        const queue = known.get(row.queue_id)?.name ?? "";
        return [item, { status, queue, state, scheduleMs: state === "scheduled" ? row.schedule_ms : null }];
      }),
    );
  }

  /** Settles what is of different tasks. Completions come first; those of one moment have no other order. @param isOnly no others are settled beside them */
  async function settle(items: readonly Item[], isOnly: boolean): Promise<SettleAnswer[]> {
    const completions = items.filter(isCompletion);
    const isLast = isOnly && completions.length === items.length && along.isLast();
    const completed = await complete(completions, isLast);
    const ended = await endOtherwise(items.filter((item) => !isCompletion(item)) as Item<UncompletedOutcome>[]);
    const others = await answerLater(
      items.filter(({ key }) => !completed.has(key)),
      ended,
    );
    return items.map((item): SettleAnswer => {
      const row = completed.get(item.key);
      if (row === undefined) return others.get(item) ?? { status: "not_found" };
      return { status: "settled", queue: queues.known(row.queue_id).name, state: "completed", scheduleMs: null };
    });
  }

  return async (calls) => {
    const items = calls.flatMap(([settlements, nowMs]) =>
      settlements.map((settlement): Item => ({ ...settlement, key: keyOfId(settlement.taskId) ?? 0, nowMs })),
    );
    const answers: SettleAnswer[] = [];
    // Should a task be there twice, the second one is a repeat.
    const runs = distinctRuns(items, ({ key }) => String(key));
    for (const run of runs) answers.push(...(await settle(run, runs.length === 1)));
    return calls.map(([settlements]) => answers.splice(0, settlements.length));
  };
}

function isCompletion(item: Item): item is Item<Completed> {
  return item.outcome.kind === "completed";
}
