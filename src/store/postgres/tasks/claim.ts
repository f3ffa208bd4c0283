import { isLane } from "../../../domain/balancing/dispatch.ts";
import { stickyWorkers, workersInOrder } from "../../../domain/balancing/slot-filling.ts";
import { idOfKey } from "../../../domain/ids.ts";
import { claimAllowance, shortfallOf } from "../../../domain/tasks/claim-allowance.ts";
import { type ClaimedTask, isExpired, serverErrors } from "../../../domain/tasks/task.ts";
import type { ClaimAnswer, ClaimPlan } from "../../claim-plan.ts";
import { boundsOf, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueEntry } from "../engine/queue-table.ts";
import type { SetVerb } from "../engine/set-verbs.ts";
import type { ClaimContext } from "../rows/origins.ts";
import { mostBytes, type ReadyRow, type ReadyRows } from "./ready-rows.ts";
import type { Transitions } from "./transitions.ts";

/** How many expired tasks one claim fails before it lets others go first. */
const mostExpired = 500;

/** A task that may begin, with what its worker is given beside it. */
interface Ready {
  readonly row: ReadyRow;
  /** `undefined`: a producer enqueued it. */
  readonly context: ClaimContext | undefined;
}

/** What is next in a queue. */
interface Found {
  readonly ready: readonly Ready[];
  readonly cut: boolean;
}

const nothing: Found = { ready: [], cut: false };

/** Creates the verb `claim`. */
export function createClaim(engine: Engine, transitions: Transitions, readyRows: ReadyRows): SetVerb<"claim"> {
  const { db, keys, queues, origins } = engine;

  /** The rows that are next, whether they may begin or not. */
  async function readReady(queue: QueueEntry, plan: ClaimPlan, n: number, lanes: readonly string[]): Promise<Found> {
    const { rows, cut } = await readyRows.next(queue, plan, n, lanes);
    const contexts = await origins.claimContexts(rows);
    const ready: Ready[] = [];
    let bytes = 0;
    for (const row of rows) {
      if (row.bytes_before + bytes > mostBytes) return { ready, cut: true };
      const context = contexts.get(row.id);
      bytes += context?.bytes ?? 0;
      ready.push({ row, context });
    }
    return { ready, cut };
  }

  /** The next tasks that may still begin. Those that may not are failed on the way; `cut` if that, or the size, was too much. */
  async function takeReady(
    queue: QueueEntry,
    plan: ClaimPlan,
    n: number,
    lanes: readonly string[],
    nowMs: number,
  ): Promise<Found> {
    for (let failed = 0; failed < mostExpired; ) {
      const { ready, cut } = await readReady(queue, plan, n, lanes);
      const late = ready.filter(({ row }) => isExpired(row.expire_ms, nowMs)).map(({ row }) => row.id);
      if (late.length === 0) return { ready, cut };
      await fail(late, nowMs);
      failed += late.length;
    }
    return { ready: [], cut: true };
  }

  /** Fails tasks that are too late, which are locked. */
  async function fail(late: readonly number[], nowMs: number): Promise<void> {
    const rows = await db.all<TaskRow>(`SELECT ${taskColumns} FROM task WHERE id = ANY($1) ORDER BY id`, [late]);
    const end = { to: "failed", error: serverErrors.expired, outcome: "cancelled" } as const;
    await transitions.finalize(
      rows.map((row) => ({ row, ...end })),
      nowMs,
    );
  }

  /** Leases locked tasks to their workers. */
  async function hold(
    ready: readonly Ready[],
    workers: readonly string[],
    leaseUntilMs: number | null,
    nowMs: number,
  ): Promise<void> {
    if (ready.length === 0) return;
    const rows = ready.map(({ row }) => row);
    // A strategy is for every attempt. What was put aside for a worker or a type goes back in line if its attempt fails: it has met a
    // worker that handles it.
    await db.run(
      `UPDATE task SET state = ${stateNumber.running}, attempt = attempt + 1, worker_id = held.worker_id, start_ms = $3, lease_ms = $4,
         lane = CASE WHEN starts_with(lane, 'by:') THEN lane END, lane_until_ms = NULL
       FROM unnest($1::bigint[], $2::text[]) AS held (id, worker_id) WHERE task.id = held.id`,
      [rows.map(({ id }) => id), workers, nowMs, leaseUntilMs],
    );
    await transitions.moved(rows, "running", nowMs);
  }

  /** How many of a queue's tasks run. Until the transaction ends no other server claims from it. */
  async function runningOf({ id }: QueueEntry): Promise<number> {
    await db.run("SELECT FROM queue WHERE id = $1 FOR NO KEY UPDATE", [id]);
    return (await queues.counts([id])).get(id)?.running ?? 0;
  }

  async function claim(plan: ClaimPlan, nowMs: number): Promise<ClaimAnswer> {
    // A queue is created by its first worker.
    const queue = (await queues.ensure([plan.queue], nowMs)).get(plan.queue) as QueueEntry;
    if (queue.settings.paused) return { tasks: [], short: "paused" };

    const slots = plan.slots.reduce((sum, slot) => sum + slot.n, 0);
    const running = queue.settings.maxRunning === 0 ? 0 : await runningOf(queue);
    const allowance = claimAllowance(queue.settings, running, slots, plan.sticky?.most);
    const { allowed } = allowance;
    const lanes = plan.lane === undefined ? await readyRows.lanesOf(queue.id) : [];
    const { ready, cut } = allowed === 0 ? nothing : await takeReady(queue, plan, allowed, lanes, nowMs);

    const workerFor = plan.sticky ? stickyWorkers(plan.slots) : workersInOrder(plan.slots);
    const workers = ready.map(({ row }) => workerFor(row.correlation_id));
    await hold(ready, workers, plan.leaseUntilMs, nowMs);
    const tasks = ready.map(({ row, context }, index): ClaimedTask => {
      const { maxAttempts, attemptTimeoutMs } = boundsOf(row, queue);
      return {
        id: idOfKey(row.id),
        queue: queue.name,
        type: row.type,
        payload: row.payload ?? context?.data ?? null,
        headers: row.headers,
        priority: row.priority,
        attempt: row.attempt + 1,
        maxAttempts,
        attemptTimeoutMs,
        expireMs: row.expire_ms,
        correlationId: row.correlation_id,
        sourceService: row.source_service,
        origin: context?.origin ?? null,
        event: context?.event ?? null,
        step: context?.step ?? null,
        createMs: keys.timeOf(row.id),
        workerId: workers[index] ?? "",
      };
    });
    const apart = lanes.filter(isLane);
    const beside = apart.length > 0 ? { lanes: apart } : null;
    return { tasks, short: shortfallOf(allowance, ready.length, cut), ...beside };
  }

  return async (calls) => {
    const answers: ClaimAnswer[] = [];
    for (const [plan, nowMs] of calls) answers.push(await claim(plan, nowMs));
    return answers;
  };
}
