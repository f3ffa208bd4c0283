import { isLane, workerOf } from "../../../domain/balancing/dispatch.ts";
import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { attemptOutcomes, type TaskError } from "../../../domain/tasks/task.ts";
import { mostNamedTasks } from "../../../domain/waits/explanation.ts";
import type { Blockers, StoredWait } from "../../../domain/waits/wait-facts.ts";
import { readJson, textOf } from "../../rows/json-column.ts";
import { boundsOf, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, stateOf, taskIs } from "../../rows/task-states.ts";
import { stepKey, stepNumber } from "../../rows/workflow-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { createSettingChanges } from "../queues/setting-changes.ts";
import type { Place } from "../rows/line-front.ts";
import { createPlacesInLine } from "./places-in-line.ts";

/** A row with its place in line. */
type WaitRow = TaskRow & Place & { readonly lane_until_ms: number | null };

interface LastAttempt {
  readonly outcome: number;
  readonly finish_ms: number;
}

/** Creates the verb `readWaits` on an open database. */
export function createReadWaits(engine: Engine): SyncVerb<Store["readWaits"]> {
  const { db, queues, keys, plans } = engine;
  const settingChanges = createSettingChanges(engine);
  const placesInLine = createPlacesInLine(engine);
  const selectRow = db.prepare<[number], WaitRow>(
    `SELECT ${taskColumns}, ready_key, lane_until_ms FROM task WHERE id = ?`,
  );
  const selectState = db.prepare<[number], number>("SELECT state FROM task WHERE id = ?").pluck();
  const selectLastAttempt = db.prepare<[number], LastAttempt>(
    "SELECT outcome, finish_ms FROM attempt WHERE task_id = ? ORDER BY seq DESC LIMIT 1",
  );
  const ofKey =
    "task INDEXED BY task_ordering WHERE subscription_id = +? AND ordering_key = +? " +
    `AND ordering_key IS NOT NULL AND ${taskIs.unfinished}`;
  const selectActive = db
    .prepare<[number, string], number>(
      `SELECT id FROM ${ofKey} AND state IN (${stateNumber.scheduled}, ${stateNumber.pending}, ${stateNumber.running}) LIMIT 1`,
    )
    .pluck();
  const selectEarlier = db
    .prepare<[number, string, number, number], number>(
      `SELECT id FROM ${ofKey} AND state = ${stateNumber.blocked} AND id < +? ORDER BY id LIMIT ? + 0`,
    )
    .pluck();

  function blockersOf(row: WaitRow): Blockers | null {
    if (row.workflow_id !== null) return stepsBefore(row, row.workflow_id);
    const { subscription_id: subscription, ordering_key: key } = row;
    if (subscription === null || key === null) return null;
    const active = selectActive.get(subscription, key);
    const earlier = selectEarlier.all(subscription, key, row.id, mostNamedTasks - 1);
    const taskIds = [...(active === undefined ? [] : [active]), ...earlier].map(idOfKey);
    return taskIds.length === 0 ? null : { kind: "deliveries", taskIds };
  }

  function stepsBefore(row: WaitRow, workflowId: number): Blockers | null {
    const { steps } = plans.of(workflowId);
    const step = steps[stepNumber(row, workflowId)];
    if (step === undefined) return null;
    if (step.dependsOn.length === 0) return { kind: "execution" };
    const open = step.dependsOn.filter(
      (number) => selectState.get(stepKey(workflowId, number)) !== stateNumber.completed,
    );
    if (open.length === 0) return null;
    return {
      kind: "steps",
      stepIds: open.map((number) => steps[number]?.stepId ?? ""),
      taskIds: open.slice(0, mostNamedTasks).map((number) => idOfKey(stepKey(workflowId, number))),
    };
  }

  function sinceOf(row: WaitRow, lastAttempt: LastAttempt | undefined): number {
    switch (stateOf(row.state)) {
      case "pending":
        return keys.timeOf(row.ready_key);
      case "scheduled":
        return lastAttempt?.finish_ms ?? keys.timeOf(row.id);
      case "running":
        return row.start_ms ?? keys.timeOf(row.id);
      default:
        return row.finish_ms ?? keys.timeOf(row.id);
    }
  }

  function reservationOf({ state, lane, lane_until_ms: untilMs }: WaitRow): StoredWait["reservedFor"] {
    if (state !== stateNumber.pending || lane === null || untilMs === null || !isLane(lane)) return null;
    const workerId = workerOf(lane);
    return workerId === null ? null : { workerId, untilMs };
  }

  function waitOf(row: WaitRow, ahead: number | null): StoredWait {
    const queue = queues.byId(row.queue_id);
    const { paused, maxRunning } = queue.settings;
    const pausedBy = settingChanges.pausedBy(queue);
    const lastAttempt = row.state === stateNumber.scheduled ? selectLastAttempt.get(row.id) : undefined;
    const errorType: unknown = readJson<TaskError>(row.error)?.type;
    return {
      id: idOfKey(row.id),
      queue: queue.name,
      type: textOf(row.type) ?? "",
      state: stateOf(row.state),
      attempt: row.attempt,
      maxAttempts: boundsOf(row, queue).maxAttempts,
      workerId: textOf(row.worker_id),
      errorType: typeof errorType === "string" ? errorType : "",
      sinceMs: sinceOf(row, lastAttempt),
      dueMs: row.state === stateNumber.scheduled ? row.schedule_ms : null,
      lastOutcome: attemptOutcomes[(lastAttempt?.outcome ?? 0) - 1] ?? null,
      blockedBy: row.state === stateNumber.blocked ? blockersOf(row) : null,
      reservedFor: reservationOf(row),
      ahead,
      limits: { paused, maxRunning, running: queue.counts.running, ...(pausedBy && { pausedBy }) },
    };
  }

  return (ids) => {
    const rows = ids.map((id) => selectRow.get(keyOfId(id) ?? 0));
    const ahead = placesInLine.ahead(rows.filter((row) => row?.state === stateNumber.pending) as WaitRow[]);
    return rows.map((row) => (row === undefined ? null : waitOf(row, ahead.get(row.id) ?? null)));
  };
}
