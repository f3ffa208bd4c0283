import type { EndedLease } from "../../../domain/lease.ts";
import type { TaskError, TaskState } from "../../../domain/tasks/task.ts";
import {
  afterStep,
  type Command,
  type Ending,
  end,
  execute,
  isCompensable,
  mayBegin,
  retry,
  type WorkflowStanding,
} from "../../../domain/workflows/workflow-progress.ts";
import { leaseOfRow } from "../../rows/operator-rows.ts";
import { type FullTaskRow, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, stateOf } from "../../rows/task-states.ts";
import {
  stepKey,
  stepNumber,
  summaryOf,
  type WorkflowRow,
  workflowColumns,
  workflowStateNumber,
} from "../../rows/workflow-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { partitionIs } from "../rows/partitions.ts";
import { insertTasks } from "../tasks/insert-tasks.ts";
import type { MovedRow, Transitions } from "../tasks/transitions.ts";
import { lockStandings, type Standing } from "./standings.ts";
import { writeWorkflow } from "./write-workflow.ts";

/**
 * Carries out what follows from the moves of steps, in the transaction of the moves. What it is, `domain/workflows/workflow-progress.ts`
 * says.
 */
export interface WorkflowFlow {
  /** Reads a workflow; `undefined`: there is none. */
  read(id: number): Promise<WorkflowRow | undefined>;
  /** Pending, running → failed or cancelled; answers the leases that end with it. */
  end(id: number, ending: Ending, nowMs: number): Promise<EndedLease[]>;
  /** Begins what awaits the execution; answers whether there was anything. */
  execute(id: number, nowMs: number): Promise<boolean>;
  /** Failed, cancelled at rest → goes on; answers whether it could. */
  retry(id: number, nowMs: number): Promise<boolean>;
}

/** A move of a task of a workflow. */
interface StepMoved {
  readonly row: MovedRow;
  readonly workflowId: number;
  readonly step: number;
}

/** What carrying out commands came to. */
interface CarriedOut {
  readonly leases: readonly EndedLease[];
  /** The tasks of steps that are still to be released. */
  readonly released: readonly number[];
  /** Something other than a release was done: the standing is not what it was. */
  readonly isChanged: boolean;
}

/** Creates the flow of workflows. */
export function createWorkflowFlow(engine: Engine, transitions: Transitions): WorkflowFlow {
  const { db, queues, changes, keys, plans, tallies } = engine;
  /** Workflows whose steps are being moved from here: these moves have no further consequences. */
  const inHand = new Set<number>();
  /** Nor have the moves of steps that are being released. */
  let isReleasing = false;

  const standings = (ids: Iterable<number>) => lockStandings(db, plans, (ms) => keys.at(ms), ids);

  async function read(id: number): Promise<WorkflowRow | undefined> {
    return db.get<WorkflowRow>(`SELECT ${workflowColumns} FROM workflow WHERE id = $1`, [id]);
  }

  async function note(ids: readonly number[], nowMs: number): Promise<void> {
    if (!changes.watched.workflows || ids.length === 0) return;
    const rows = await db.all<WorkflowRow>(`SELECT ${workflowColumns} FROM workflow WHERE id = ANY($1)`, [ids]);
    changes.noteWorkflows(
      rows.map((row) => {
        const { id: workflowId, state, compensation, finishMs } = summaryOf(row, keys);
        return { kind: "workflow", workflowId, state, compensation, atRest: finishMs !== null, changeMs: nowMs };
      }),
    );
  }

  transitions.follow(async (rows, to, nowMs) => {
    // A workflow's tasks are deleted with it.
    if (to === null || isReleasing) return;
    const moves = rows.flatMap((row): StepMoved[] =>
      row.workflow_id === null || inHand.has(row.workflow_id)
        ? []
        : [{ row, workflowId: row.workflow_id, step: stepNumber(row, row.workflow_id) }],
    );
    if (moves.length === 0) return;
    if (to === "running") await begin(moves, nowMs);
    else await follow(moves, to, nowMs);
  });

  /** The workflows whose first step is handed out run. */
  async function begin(moves: readonly StepMoved[], nowMs: number): Promise<void> {
    const known = await plans.of(moves.map(({ workflowId }) => workflowId));
    const ids = moves.flatMap(({ row, workflowId, step }) => {
      const plan = known.get(workflowId);
      return row.undoes === null && plan !== undefined && mayBegin(plan, step) ? workflowId : [];
    });
    if (ids.length === 0) return;
    const begun = await db.all<{ id: number }>(
      `UPDATE workflow SET state = ${workflowStateNumber.running}, start_ms = $2
       WHERE id = ANY($1) AND state = ${workflowStateNumber.pending} RETURNING id`,
      [[...new Set(ids)], nowMs],
    );
    await note(
      begun.map(({ id }) => id),
      nowMs,
    );
  }

  async function follow(moves: readonly StepMoved[], to: TaskState, nowMs: number): Promise<void> {
    if (to === "completed") await noteCompleted(moves, nowMs);
    const ids = moves.map(({ workflowId }) => workflowId);
    const found = new Map(await standings(ids));
    const released: number[] = [];
    for (const [workflowId, ofWorkflow] of Map.groupBy(moves, (move) => move.workflowId)) {
      let standing = found.get(workflowId);
      for (const [index, move] of ofWorkflow.entries()) {
        if (standing === undefined) break;
        // One after the other, as if the later ones had not moved yet.
        for (const later of ofWorkflow.slice(index)) place(standing, later, stateOf(later.row.state));
        place(standing, move, to);
        const done = await followOne(standing, move, to, nowMs);
        released.push(...done.released);
        if (!done.isChanged) continue;
        await release(released.splice(0), nowMs);
        standing = (await standings([workflowId])).get(workflowId);
      }
    }
    await release(released, nowMs);
  }

  function followOne(found: Standing, { row, step }: StepMoved, to: TaskState, nowMs: number): Promise<CarriedOut> {
    const error = () => found.errors.get(row.id) ?? null;
    const commands = afterStep(found.standing, { step, isCompensation: row.undoes !== null, to, error });
    return carryOut(found, commands, nowMs);
  }

  /** By their numbers the last one that was completed comes first when they are undone, whatever the clock says. */
  async function noteCompleted(moves: readonly StepMoved[], nowMs: number): Promise<void> {
    const known = await plans.of(moves.map(({ workflowId }) => workflowId));
    const ids = moves.flatMap(({ row, workflowId, step }) => {
      const plan = known.get(workflowId);
      return row.undoes === null && plan !== undefined && isCompensable(plan, step) ? row.id : [];
    });
    if (ids.length === 0) return;
    const first = await keys.take(ids.length, nowMs);
    await db.run(
      `UPDATE task SET completed_key = $2 + completed.place - 1
       FROM unnest($1::bigint[]) WITH ORDINALITY AS completed (id, place) WHERE task.id = completed.id AND ${partitionIs.ofFinishedSteps}`,
      [ids, first],
    );
  }

  async function release(released: readonly number[], nowMs: number): Promise<void> {
    isReleasing = true;
    try {
      await transitions.unblock(released, nowMs);
    } finally {
      isReleasing = false;
    }
  }

  async function carryOut(found: Standing, commands: readonly Command[], nowMs: number): Promise<CarriedOut> {
    const { id } = found.row;
    const released: number[] = [];
    const leases: EndedLease[] = [];
    let isChanged = false;
    inHand.add(id);
    try {
      for (const command of commands) {
        if (command.do === "release") {
          released.push(stepKey(id, command.step));
          found.steps[command.step] = "pending";
          continue;
        }
        leases.push(...(await carryOutOne(found, command, nowMs)));
        isChanged = true;
      }
    } finally {
      inHand.delete(id);
    }
    return { leases, released, isChanged };
  }

  async function carryOutOne(
    found: Standing,
    command: Exclude<Command, { readonly do: "release" }>,
    nowMs: number,
  ): Promise<EndedLease[]> {
    const { id } = found.row;
    switch (command.do) {
      case "restart":
        await transitions.restart([await lockTask(stepKey(id, command.step))], command.to, nowMs);
        return [];
      case "cancel":
        return cancel(stepKey(id, command.step), command.error, nowMs);
      case "compensate":
        await compensate(id, command.step, nowMs);
        return [];
      case "restart_compensation": {
        const key = found.compensationKeys.get(command.step);
        if (key !== undefined) await transitions.restart([await lockTask(key)], "pending", nowMs);
        return [];
      }
      default:
        await writeWorkflow(db, id, command, nowMs);
        if (command.do === "rest") {
          const { state } = command;
          tallies?.workflowMoved({ state, isAtRest: false }, { state, isAtRest: true });
        }
    }
    await note([id], nowMs);
    return [];
  }

  async function lockTask(key: number): Promise<TaskRow> {
    const row = await db.get<TaskRow>(
      `SELECT ${taskColumns}, server_id FROM task WHERE id = $1 AND ${partitionIs.ofWorkflows} FOR UPDATE`,
      [key],
    );
    if (row === undefined) throw new Error(`no task ${key}`);
    return row;
  }

  /** Carries out what does not follow from a move; `null`: nothing is to be done with such a workflow. */
  async function direct(
    id: number,
    commandsOf: (standing: WorkflowStanding) => Command[] | null,
    nowMs: number,
  ): Promise<CarriedOut | null> {
    const found = (await standings([id])).get(id);
    const commands = found === undefined ? null : commandsOf(found.standing);
    if (found === undefined || commands === null) return null;
    const done = await carryOut(found, commands, nowMs);
    await release(done.released, nowMs);
    return done;
  }

  async function cancel(key: number, error: TaskError, nowMs: number): Promise<EndedLease[]> {
    const row = await lockTask(key);
    // Another server may have ended it after its workflow was read.
    if (row.state > stateNumber.running) return [];
    await transitions.finalize([{ row, to: "cancelled", error, outcome: "cancelled" }], nowMs);
    const queue = (await queues.byId([row.queue_id])).get(row.queue_id)?.name ?? "";
    const lease = leaseOfRow(row, queue);
    return lease === null ? [] : [lease];
  }

  async function compensate(workflowId: number, number: number, nowMs: number): Promise<void> {
    const step = await db.get<FullTaskRow>(`SELECT ${taskColumns}, headers, payload FROM task WHERE id = $1`, [
      stepKey(workflowId, number),
    ]);
    const type = (await plans.of([workflowId])).get(workflowId)?.steps[number]?.compensateWith;
    if (step === undefined || type == null) throw new Error(`step ${number} of ${workflowId} cannot be undone`);
    const key = await keys.take(1, nowMs);
    const { queue_id: queueId, correlation_id: correlationId, source_service: sourceService } = step;
    const { options, headers, payload } = step;
    const own = { key, queueId, state: "pending", type, workflowId, undoes: number } as const;
    await insertTasks(db, [{ ...own, correlationId, sourceService, options, headers, payload }]);
    const queue = (await queues.byId([queueId])).get(queueId)?.name ?? "";
    queues.move(queueId, null, "pending", null);
    await changes.note([key], "pending", nowMs);
    changes.noteReady(queue);
  }

  return {
    read,
    end: async (id, ending, nowMs) => [
      ...((await direct(id, (standing) => end(standing, ending), nowMs))?.leases ?? []),
    ],
    execute: async (id, nowMs) => ((await direct(id, execute, nowMs))?.released.length ?? 0) > 0,
    retry: async (id, nowMs) => (await direct(id, retry, nowMs)) !== null,
  };
}

/** Puts the task of a move into a state, in what was read of its workflow. */
function place(found: Standing, { row, step }: StepMoved, state: TaskState): void {
  if (row.undoes === null) found.steps[step] = state;
  else found.compensations.set(step, state);
}
