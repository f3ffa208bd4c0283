import { isLane } from "../../../domain/balancing/dispatch.ts";
import { stickyWorkers, workersInOrder } from "../../../domain/balancing/slot-filling.ts";
import { idOfKey } from "../../../domain/ids.ts";
import { type ClaimAllowance, claimAllowance, shortfallOf } from "../../../domain/tasks/claim-allowance.ts";
import { type ClaimedTask, isExpired, serverErrors } from "../../../domain/tasks/task.ts";
import type { ClaimAnswer, ClaimPlan } from "../../claim-plan.ts";
import { boundsOf, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueEntry } from "../engine/queue-table.ts";
import type { SetVerb } from "../engine/set-verbs.ts";
import type { NextLeases, ReadyRow } from "../rows/line.ts";
import type { ClaimContext } from "../rows/origins.ts";
import { retentionKeyOf } from "../rows/partitions.ts";
import type { NextRows, ReadyRows } from "./ready-rows.ts";
import type { Transitions } from "./transitions.ts";

/** How many expired tasks one claim fails before it lets others go first. */
const mostExpired = 500;
/** How large the payloads of one claim are before it ends. */
const mostBytes = 4_194_304;
/** For so many claims, at the most, what runs together holds payloads. */
const mostParts = 4;
/** How many tasks claims ask for together, at the most. */
const mostSlots = 1_024;

/** A task that may begin, with what its worker is given beside it. */
interface Ready {
  readonly row: ReadyRow;
  /** `undefined`: a producer enqueued it. */
  readonly context: ClaimContext | undefined;
}

/** What is next in a queue. */
interface Found extends Pick<NextRows, "cut" | "lanes" | "workers" | "isLeft"> {
  readonly ready: readonly Ready[];
}

/** Room of a worker for a task. */
interface Slot {
  readonly workerId: string;
  readonly leaseUntilMs: number | null;
  readonly nowMs: number;
}

/** A task that is handed out. */
interface Held extends Ready, Slot {}

/** A claim with its time. */
type Call = readonly [plan: ClaimPlan, nowMs: number];

/** Creates the verb `claim`. */
export function createClaim(engine: Engine, transitions: Transitions, readyRows: ReadyRows): SetVerb<"claim"> {
  const { db, keys, queues, origins, serverId, tallies } = engine;

  /** The rows that are next, whether they may begin or not. */
  async function readReady(
    queue: QueueEntry,
    plan: ClaimPlan,
    n: number,
    mostBytes: number,
    leases: NextLeases,
  ): Promise<Found> {
    const { rows, ...next } = await readyRows.next(queue, plan, n, mostBytes, leases);
    const contexts = await origins.claimContexts(rows);
    const ready: Ready[] = [];
    let bytes = 0;
    for (const row of rows) {
      if (row.bytes_before + bytes > mostBytes) return { ...next, ready, cut: true };
      const context = contexts.get(row.id);
      bytes += context?.bytes ?? 0;
      ready.push({ row, context });
    }
    return { ...next, ready };
  }

  /** The next tasks that may still begin. Those that may not are failed on the way; `cut` if that, or the size, was too much. */
  async function takeReady(
    queue: QueueEntry,
    plan: ClaimPlan,
    n: number,
    mostBytes: number,
    leases: NextLeases,
  ): Promise<Found> {
    const { nowMs } = leases;
    for (let failed = 0; ; ) {
      const found = await readReady(queue, plan, n, mostBytes, leases);
      const late = found.ready.filter(({ row }) => isExpired(row.expire_ms, nowMs)).map(({ row }) => row.id);
      if (late.length === 0) return found;
      await fail(late, nowMs);
      failed += late.length;
      if (failed >= mostExpired) return { ready: [], cut: true, lanes: found.lanes };
    }
  }

  /** Fails tasks that are too late, which are locked. */
  async function fail(late: readonly number[], nowMs: number): Promise<void> {
    const rows = await db.all<TaskRow>(`SELECT ${taskColumns} FROM task_live AS task WHERE id = ANY($1) ORDER BY id`, [
      late,
    ]);
    const end = { to: "failed", error: serverErrors.expired, outcome: "cancelled" } as const;
    await transitions.finalize(
      rows.map((row) => ({ row, ...end })),
      nowMs,
    );
  }

  /** Leases locked tasks to their workers. */
  function begin(held: readonly Held[], { settings }: QueueEntry): void {
    if (held.length === 0) return;
    // A strategy is for every attempt. What was put aside for a worker or a type goes back in line if its attempt fails: it has met a
    // worker that handles it.
    db.send(
      `UPDATE task_live AS task SET state = ${stateNumber.running}, attempt = attempt + 1, worker_id = held.worker_id, start_ms = held.start_ms,
         lease_ms = held.lease_ms, server_id = $5, lane = CASE WHEN starts_with(lane, 'by:') THEN lane END, lane_until_ms = NULL,
         retention_key = CASE WHEN workflow_id IS NULL THEN $6::bigint END
       FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[]) AS held (id, worker_id, start_ms, lease_ms)
       WHERE task.id = held.id`,
      [
        held.map(({ row }) => row.id),
        held.map(({ workerId }) => workerId),
        held.map(({ nowMs }) => nowMs),
        held.map(({ leaseUntilMs }) => leaseUntilMs),
        serverId,
        retentionKeyOf(settings.retention.completedMs),
      ],
    );
  }

  /** Lets no other server claim from queues that bound what runs until the transaction ends. All servers lock them in one order. */
  async function lockBounded(entries: Iterable<QueueEntry>): Promise<void> {
    const bounded = [...entries].filter(({ settings }) => settings.maxRunning > 0).map(({ id }) => id);
    if (bounded.length === 0) return;
    await db.run("SELECT FROM queue WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", [bounded]);
  }

  async function runningOf({ id }: QueueEntry): Promise<number> {
    return (await queues.counts([id])).get(id)?.running ?? 0;
  }

  function claimedTask({ row, context, workerId }: Held, queue: QueueEntry): ClaimedTask {
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
      workerId,
    };
  }

  /** Runs claims that differ in nothing but their slots and times: what the first ones leave is for the next. */
  async function claimAlike(calls: readonly [Call, ...Call[]], isOnly: boolean): Promise<ClaimAnswer[]> {
    const [[plan]] = calls;
    const nowMs = Math.max(...calls.map(([, callMs]) => callMs));
    const queue = queues.named(plan.queue) as QueueEntry;
    if (queue.settings.paused) return calls.map(() => ({ tasks: [], short: "paused" }));

    let running = queue.settings.maxRunning === 0 ? 0 : await runningOf(queue);
    const allowances = calls.map(([{ slots, sticky }]) => {
      const allowance = claimAllowance(queue.settings, running, slotCount(slots), sticky?.most);
      running += allowance.allowed;
      return allowance;
    });
    const allowed = allowances.reduce((sum, allowance) => sum + allowance.allowed, 0);
    const bytes = mostBytes * Math.min(calls.length, mostParts);
    const inLine = plan.sticky === undefined ? slotsOf(calls, allowances) : [];
    const found: Found =
      allowed === 0
        ? { ready: [], cut: false, lanes: plan.lane === undefined ? await readyRows.lanesOf(queue.id) : [] }
        : await takeReady(queue, plan, allowed, bytes, leasesOf(inLine, nowMs, isOnly && plan.sticky === undefined));

    const { ready, cut, lanes, workers, isLeft } = found;
    const left = [...ready];
    let place = 0;
    const parts = calls.map(([{ slots, sticky, leaseUntilMs }, callMs], index) => {
      const part = left.splice(0, allowances[index]?.allowed);
      const workerFor = sticky && stickyWorkers(slots);
      return part.map((each): Held => {
        if (workerFor === undefined) return { ...each, ...(inLine[place++] as Slot) };
        const workerId = workers?.get(each.row.id) ?? workerFor(each.row.correlation_id, each.row.type) ?? "";
        return { ...each, workerId, leaseUntilMs, nowMs: callMs };
      });
    });
    const held = parts.flat();
    // All of them, or none.
    const areBegun = held[0]?.row.is_begun === true;
    if (!areBegun) begin(held, queue);
    await transitions.moved(
      held.map(({ row }) => row),
      "running",
      nowMs,
      areBegun,
    );
    for (const { row, nowMs: heldMs } of held) {
      if (row.attempt === 0) tallies?.handedOut(queue, keys.timeOf(row.ready_key), heldMs);
    }
    const apart = lanes.filter(isLane);
    const leftElsewhere = isLeft === true ? ({ left: true } as const) : null;
    const beside = { ...leftElsewhere, ...(apart.length > 0 ? { lanes: apart } : null) };
    return parts.map((part, index) => {
      const short = shortfallOf(allowances[index] as ClaimAllowance, part.length, cut);
      return { tasks: part.map((each) => claimedTask(each, queue)), short, ...beside };
    });
  }

  return async (calls) => {
    const answers = new Map<Call, ClaimAnswer>();
    // A queue is created by its first worker.
    const names = calls.map(([{ queue }]) => queue);
    const entries = await queues.ensure(names, Math.max(...calls.map(([, nowMs]) => nowMs)));
    await lockBounded(entries.values());
    const runs = alikeRuns(calls);
    for (const alike of runs) {
      const some = await claimAlike(alike, runs.length === 1);
      for (const [index, call] of alike.entries()) answers.set(call, some[index] as ClaimAnswer);
    }
    return calls.map((call) => answers.get(call) as ClaimAnswer);
  };
}

/** The slots of claims that are filled one after the other. */
function slotsOf(calls: readonly Call[], allowances: readonly ClaimAllowance[]): Slot[] {
  return calls.flatMap(([{ slots, leaseUntilMs }, nowMs], index) => {
    const workerFor = workersInOrder(slots);
    const { allowed = 0 } = allowances[index] ?? {};
    return Array.from({ length: allowed }, () => ({ workerId: workerFor(), leaseUntilMs, nowMs }));
  });
}

function leasesOf(slots: readonly Slot[], nowMs: number, isOnly: boolean): NextLeases {
  const numbers = new Map<string, number>();
  for (const { workerId } of slots) if (!numbers.has(workerId)) numbers.set(workerId, numbers.size + 1);
  return {
    workers: [...numbers.keys()],
    numbers: slots.map(({ workerId }) => numbers.get(workerId) ?? 0),
    startMs: slots.map((slot) => slot.nowMs),
    leaseMs: slots.map(({ leaseUntilMs }) => leaseUntilMs),
    nowMs,
    isOnly,
  };
}

function slotCount(slots: ClaimPlan["slots"]): number {
  return slots.reduce((sum, slot) => sum + slot.n, 0);
}

/** The claims, together with those that differ in nothing but their slots and times; no more at once than one claim may ask for. */
function alikeRuns(calls: readonly Call[]): [Call, ...Call[]][] {
  const runs: [Call, ...Call[]][] = [];
  const open = new Map<string, { readonly run: [Call, ...Call[]]; count: number }>();
  for (const call of calls) {
    const [{ queue, types, lane, ids, sticky, slots }] = call;
    const count = slotCount(slots);
    const name = JSON.stringify([queue, types, lane]);
    const known = ids === undefined && sticky === undefined ? open.get(name) : undefined;
    if (known !== undefined && known.count + count <= mostSlots) {
      known.run.push(call);
      known.count += count;
      continue;
    }
    const run: [Call, ...Call[]] = [call];
    runs.push(run);
    if (ids === undefined && sticky === undefined) open.set(name, { run, count });
  }
  return runs;
}
