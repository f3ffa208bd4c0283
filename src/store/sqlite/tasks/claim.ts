import { isLane, keepsLane } from "../../../domain/balancing/dispatch.ts";
import { stickyWorkers, workersInOrder } from "../../../domain/balancing/slot-filling.ts";
import { idOfKey } from "../../../domain/ids.ts";
import { claimAllowance, shortfallOf } from "../../../domain/tasks/claim-allowance.ts";
import type { ClaimedTask } from "../../../domain/tasks/task.ts";
import { isExpired, serverErrors } from "../../../domain/tasks/task.ts";
import { type ClaimAnswer, type ClaimPlan, tasksToLookAt } from "../../claim-plan.ts";
import { readJson } from "../../rows/json-column.ts";
import { boundsOf } from "../../rows/task-rows.ts";
import type { Store } from "../../store.ts";
import type { Tallies } from "../../tallies/tallies.ts";
import type { Engine } from "../engine/engine.ts";
import type { OpenLease, PlacedLease } from "../engine/open-leases.ts";
import { needsTransaction, type SyncVerb } from "../engine/verb.ts";
import { DataLoss, isSound } from "../rows/checksums.ts";
import type { ClaimContext } from "../rows/claim-context.ts";
import type { LineFront } from "../rows/line-front.ts";
import type { QueueEntry } from "../rows/queue-table.ts";
import { taskChecksum } from "../rows/task-checksum.ts";
import { mostBytes, type NextRows, type ReadyRow, type ReadyRows } from "./ready-rows.ts";
import type { Transitions } from "./transitions.ts";

/** How many expired tasks one claim fails before it lets others go first. */
const mostExpired = 500;

/** A task that may begin, with the worker that it goes to and what that one is given beside it. */
interface Ready {
  readonly row: ReadyRow;
  readonly context: ClaimContext;
  readonly workerId: string;
}

/** What is next in a queue. */
interface Found {
  readonly ready: Ready[];
  /** Not as they were stored: they must not be handed out. */
  readonly damaged: readonly ReadyRow[];
  readonly cut: boolean;
  /** Tasks were left in line for workers elsewhere. */
  readonly isLeft: boolean;
  readonly front: NextRows["front"];
}

/** Whether a row without a checksum, as an older version wrote it, can be handed out at all: what cannot be read still tells. */
function isReadable({ type, correlation_id, source_service, headers, payload }: ReadyRow): boolean {
  return (
    [type, correlation_id, source_service].every((text) => text === null || typeof text === "string") &&
    (headers === null || areHeaders(readJson(headers))) &&
    (payload === null || payload instanceof Uint8Array)
  );
}

function areHeaders(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each === "string");
}

const nothing: Omit<Found, "damaged"> = { ready: [], cut: false, isLeft: false, front: undefined };

function frontAt({ id, priority, ready_key }: ReadyRow, front: NonNullable<NextRows["front"]>): LineFront {
  return { ...front, id, priority, ready_key };
}

/** Creates the verb `claim` on an open database. */
export function createClaim(engine: Engine, transitions: Transitions, readyRows: ReadyRows): SyncVerb<Store["claim"]> {
  const { db, keys, queues, origins, changes, leases, tallies } = engine;
  const selectTask = engine.tasks.select;
  // A task that was put aside goes back into line if its attempt fails: the worker that took it handles its type.
  const takeFromLane = db.prepare<[string]>(
    "UPDATE task SET lane = NULL, lane_until_ms = NULL WHERE id IN (SELECT value FROM json_each(?))",
  );

  /** The rows that are next, and whether something cut them short. */
  function readReady(queue: QueueEntry, plan: ClaimPlan, n: number): Found {
    const ready: Ready[] = [];
    const damaged: ReadyRow[] = [];
    let bytes = 0;
    let isLeft = false;
    const workerFor = plan.sticky ? stickyWorkers(plan.slots, plan.sticky.elsewhere) : workersInOrder(plan.slots);
    const looked = tasksToLookAt(n, plan);
    const next = readyRows.next(queue, plan, looked);
    // What is left in line is in front of what is taken.
    const front = looked === n ? next.front : undefined;
    for (const row of next.rows) {
      if (ready.length === n) break;
      const context = soundly(row);
      if (context === null) {
        damaged.push(row);
        continue;
      }
      const workerId = workerFor(row.correlation_id, row.type);
      if (workerId === null) {
        isLeft = true;
        continue;
      }
      ready.push({ row, context, workerId });
      bytes += (row.payload?.length ?? 0) + context.bytes;
      if (bytes > mostBytes) return { ready, damaged, cut: ready.length < n, isLeft, front };
    }
    // Another look would find the same ones left.
    return { ready, damaged, cut: next.cut && !(isLeft && ready.length === 0), isLeft, front };
  }

  /** What a worker is given beside the row; `null`: something of it is not as it was stored. */
  function soundly(row: ReadyRow): ClaimContext | null {
    if (!isSound(row, taskChecksum)) return null;
    if (row.checksum === null && !isReadable(row)) return null;
    try {
      return origins.claimContext(row);
    } catch (error) {
      if (error instanceof DataLoss) return null;
      throw error;
    }
  }

  /** The next tasks that may still begin. Those that may not are failed on the way; `cut` if that, or the size, was too much. */
  function takeReady(queue: QueueEntry, plan: ClaimPlan, n: number, nowMs: number): Omit<Found, "damaged"> {
    for (let failed = 0; failed < mostExpired; ) {
      const { damaged, ...found } = readReady(queue, plan, n);
      const { ready } = found;
      const expired = ready.filter(({ row }) => isExpired(row.expire_ms, nowMs));
      if (expired.length === 0 && damaged.length === 0) return found;
      if (!db.inTransaction) throw needsTransaction;
      for (const { id } of damaged) transitions.setAside(id, nowMs);
      for (const { row: late } of expired) {
        const row = selectTask.get(late.id);
        if (row !== undefined) transitions.finalize(row, "failed", serverErrors.expired, "cancelled", nowMs);
      }
      failed += expired.length + damaged.length;
    }
    return { ...nothing, cut: true };
  }

  /** Leases the tasks to their workers. The leases are written at once where others have to learn of the hand-out. */
  function hold(chosen: readonly Ready[], leaseMs: number | null, nowMs: number): void {
    const written: OpenLease[] = [];
    const open: PlacedLease[] = [];
    for (const { row, workerId } of chosen) {
      const { id, queue_id, state, attempt, subscription_id, ordering_key, workflow_id, undoes, lane } = row;
      const place = { id, queue_id, state, attempt, subscription_id, ordering_key, workflow_id, undoes, lane };
      const lease = { ...place, worker_id: workerId, start_ms: nowMs, lease_ms: leaseMs };
      if (isWatched() || lane !== null) written.push(lease);
      else open.push({ ...lease, priority: row.priority, ready_key: row.ready_key });
    }
    if (written.length > 0) {
      if (!db.inTransaction) throw needsTransaction;
      leases.write(written);
    }
    for (const lease of open) leases.open(lease);
  }

  /** Counts those that are handed out for the first time. */
  function countFirst(counts: Tallies, queue: QueueEntry, handedOut: readonly Ready[], nowMs: number): void {
    for (const { row } of handedOut) {
      if (row.attempt === 0) counts.handedOut(queue, keys.timeOf(row.ready_key), nowMs);
    }
  }

  function isWatched(): boolean {
    return changes.watched.tasks || changes.watched.workflows;
  }

  /** Whether a claim can be answered from what is committed; a later place in its batch must make no difference but for more tasks. */
  function mayGoFirst(queue: QueueEntry | undefined, { ids, lane }: ClaimPlan): boolean {
    if (queue === undefined || queue.lanes.size > 0 || ids !== undefined || lane !== undefined || isWatched())
      return false;
    return !queue.settings.paused && queue.settings.maxRunning === 0;
  }

  return (plan, nowMs): ClaimAnswer => {
    const goesFirst = !db.inTransaction;
    const known = queues.byName(plan.queue);
    if (goesFirst && !mayGoFirst(known, plan)) throw needsTransaction;
    // A queue is created by its first worker.
    const queue = known ?? queues.ensure(plan.queue, nowMs);
    if (queue.settings.paused) return { tasks: [], short: "paused" };

    const slots = plan.slots.reduce((sum, slot) => sum + slot.n, 0);
    const allowance = claimAllowance(
      queue.settings,
      queue.counts.running + leases.countOf(queue.id),
      slots,
      plan.sticky?.most,
    );
    const { allowed } = allowance;
    const { ready, cut, isLeft, front } = allowed === 0 ? nothing : takeReady(queue, plan, allowed, nowMs);
    // The rest of its batch may bring what it lacks.
    if (goesFirst && ready.length < allowance.wanted) throw needsTransaction;

    hold(ready, plan.leaseUntilMs, nowMs);
    const fromLanes = ready.flatMap(({ row: { id, lane } }) => (lane === null || keepsLane(lane) ? [] : id));
    if (fromLanes.length > 0) takeFromLane.run(JSON.stringify(fromLanes));
    const tasks = ready.map(({ row, context: { origin, event, data, step }, workerId }): ClaimedTask => {
      const { maxAttempts, attemptTimeoutMs } = boundsOf(row, queue);
      return {
        id: idOfKey(row.id),
        queue: queue.name,
        type: row.type,
        payload: row.payload ?? data,
        headers: row.headers,
        priority: row.priority,
        attempt: row.attempt + 1,
        maxAttempts,
        attemptTimeoutMs,
        expireMs: row.expire_ms,
        correlationId: row.correlation_id,
        sourceService: row.source_service,
        origin,
        event,
        step,
        createMs: keys.timeOf(row.id),
        workerId,
      };
    });
    // Nothing can fail any more: what was counted here would not be taken back.
    if (tallies !== null) countFirst(tallies, queue, ready, nowMs);
    // Nor would what comes before the front be looked at again.
    const last = ready.at(-1)?.row;
    if (last !== undefined) {
      const isFront = front !== undefined && leases.areNoneBehind(queue.id, last);
      queue.front = isFront ? frontAt(last, front) : null;
    }
    const lanes = queue.lanes.size === 0 ? [] : [...queue.lanes].filter(isLane);
    const beside = plan.lane === undefined && lanes.length > 0 ? { lanes } : null;
    const unverified = ready.filter(({ row, context }) => row.checksum === null || !context.isVerified);
    const suspects = unverified.length > 0 ? { unverified: unverified.map(({ row }) => idOfKey(row.id)) } : null;
    const left = isLeft ? ({ left: true } as const) : null;
    return { tasks, short: shortfallOf(allowance, ready.length, cut), ...left, ...beside, ...suspects };
  };
}
