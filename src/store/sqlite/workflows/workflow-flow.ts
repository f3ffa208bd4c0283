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
import { readJson, textOf } from "../../rows/json-column.ts";
import { leaseOfRow } from "../../rows/operator-rows.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateNumber, stateOf } from "../../rows/task-states.ts";
import {
  compensationNumber,
  stepKey,
  stepNumber,
  type WorkflowRow,
  workflowStateNumber,
  workflowStateOf,
} from "../../rows/workflow-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { isSound } from "../rows/checksums.ts";
import { taskChecksum } from "../rows/task-checksum.ts";
import { createTaskInsert } from "../tasks/insert-task.ts";
import type { MovedRow, Transitions } from "../tasks/transitions.ts";
import { prepareWorkflowStatements } from "./workflow-statements.ts";

/**
 * Carries out what follows from the moves of steps, in the transaction of each move. What it is, `domain/workflows/workflow-progress.ts`
 * says.
 */
export interface WorkflowFlow {
  /** Reads a workflow; `undefined`: there is none. */
  read(id: number): WorkflowRow | undefined;
  /** Pending, running → failed or cancelled; answers the leases that end with it. */
  end(workflow: WorkflowRow, ending: Ending, nowMs: number): EndedLease[];
  /** Begins what awaits the execution; answers whether there was anything. */
  execute(workflow: WorkflowRow, nowMs: number): boolean;
  /** Failed, cancelled at rest → goes on; answers whether it could. */
  retry(workflow: WorkflowRow, nowMs: number): boolean;
}

/** Creates the flow of workflows in an open database. */
export function createWorkflowFlow(engine: Engine, transitions: Transitions): WorkflowFlow {
  const { db, queues, changes, keys, leases, plans, standings, tallies } = engine;
  const statements = prepareWorkflowStatements(db);
  const insert = createTaskInsert(db);
  /** Workflows whose steps are being moved from here: these moves have no further consequences. */
  const inHand = new Set<number>();
  /** Nor have the moves of steps that are being released. */
  let isReleasing = false;

  function taskRow(id: number): TaskRow {
    const row = engine.tasks.select.get(id);
    if (row === undefined) throw new Error(`no task ${id}`);
    return row;
  }

  function note(id: number, nowMs: number): void {
    const row = changes.watched.workflows ? statements.select.get(id) : undefined;
    if (row !== undefined) changes.noteWorkflow(row, nowMs);
  }

  function standingOf(id: number): WorkflowStanding | undefined {
    const standing = standings.of(id);
    if (standing === undefined) return undefined;
    return {
      ...standing,
      plan: plans.of(id),
      steps: () => standing.steps,
      completionOf(step) {
        const { completed_key: key = null, finish_ms: endMs = null } =
          statements.selectCompletion.get(stepKey(id, step)) ?? {};
        return key ?? keys.at(endMs ?? 0);
      },
      compensations: () =>
        statements.selectCompensations.all(id).map(({ undoes, state: at }) => ({ step: undoes, state: stateOf(at) })),
    };
  }

  transitions.follow((rows, to, nowMs) => {
    const moves = rows.flatMap((row): StepMoved[] => (row.workflow_id === null ? [] : [{ row, id: row.workflow_id }]));
    if (to === null) {
      // A workflow's tasks are deleted with it.
      for (const { id } of moves) standings.forget(id);
      return;
    }
    const released: number[] = [];
    for (const { row, id } of moves) {
      if (row.undoes === null) standings.stepMoved(id, stepNumber(row, id), to);
      if (isReleasing || inHand.has(id)) continue;
      if (to === "running") begin(row, id, nowMs);
      else follow(row, id, to, released, nowMs);
    }
    release(released, nowMs);
  });

  function begin(row: MovedRow, workflowId: number, nowMs: number): void {
    const begins = row.undoes === null && mayBegin(plans.of(workflowId), stepNumber(row, workflowId));
    if (!begins || statements.begin.run(nowMs, workflowId).changes === 0) return;
    tallies?.workflowMoved({ state: "pending", isAtRest: false }, { state: "running", isAtRest: false });
    standings.forget(workflowId);
    note(workflowId, nowMs);
  }

  /** Those that are released are added to a list: one statement releases all of them. */
  function follow(row: MovedRow, workflowId: number, to: TaskState, released: number[], nowMs: number): void {
    if (row.state === stateNumber.pending && to === "completed") begin(row, workflowId, row.start_ms ?? nowMs);
    const standing = standingOf(workflowId);
    if (standing === undefined) return;
    const step = stepNumber(row, workflowId);
    const isCompensation = row.undoes !== null;
    // By their numbers the last one comes first, whatever the clock says.
    if (to === "completed" && !isCompensation && isCompensable(standing.plan, step)) {
      statements.noteCompleted.run(keys.next(nowMs), row.id);
    }
    const error = () => readJson<TaskError>(taskRow(row.id).error);
    const move = { step, isCompensation, to, error };
    const commands = afterStep(standing, move);
    const isOn = commands.every((command) => command.do === "release");
    const written = isOn || !writeLeases(workflowId, standing) ? undefined : standingOf(workflowId);
    carryOut(workflowId, written === undefined ? commands : afterStep(written, move), released, nowMs);
  }

  /** Writes the leases of its steps that are open: what does not go on has to know what runs. False: there were none. */
  function writeLeases(workflowId: number, { steps }: WorkflowStanding): boolean {
    const open = steps().flatMap((_, step) => leases.of(stepKey(workflowId, step)) ?? []);
    leases.write(open);
    return open.length > 0;
  }

  function release(released: readonly number[], nowMs: number): void {
    isReleasing = true;
    try {
      transitions.unblock(released, nowMs);
    } finally {
      isReleasing = false;
    }
  }

  /** Answers the leases that end, and adds the steps to be released to a list. */
  function carryOut(id: number, commands: readonly Command[], released: number[], nowMs: number): EndedLease[] {
    const ended: EndedLease[] = [];
    if (commands.length === 0) return ended;
    inHand.add(id);
    try {
      for (const command of commands) ended.push(...carryOutOne(id, command, released, nowMs));
    } finally {
      inHand.delete(id);
    }
    return ended;
  }

  function carryOutOne(id: number, command: Command, released: number[], nowMs: number): EndedLease[] {
    switch (command.do) {
      case "release":
        released.push(stepKey(id, command.step));
        standings.stepMoved(id, command.step, "pending");
        return [];
      case "restart":
        transitions.restart(taskRow(stepKey(id, command.step)), command.to, nowMs);
        return [];
      case "cancel":
        return cancel(stepKey(id, command.step), command.error, nowMs);
      case "compensate":
        compensate(id, command.step, nowMs);
        return [];
      case "restart_compensation": {
        const found = statements.selectCompensations.all(id).find(({ undoes }) => undoes === command.step);
        if (found !== undefined) transitions.restart(taskRow(found.id), "pending", nowMs);
        return [];
      }
      case "end": {
        const { state, failure, compensation } = command;
        const numbers = [workflowStateNumber[state], compensationNumber[compensation]] as const;
        change(id, () => statements.updateEnded.run(numbers[0], JSON.stringify(failure), numbers[1], id));
        break;
      }
      case "rest": {
        const numbers = [workflowStateNumber[command.state], compensationNumber[command.compensation]] as const;
        change(id, () => statements.updateFinished.run(...numbers, nowMs, id));
        break;
      }
      case "resume":
        change(id, () => statements.updateResumed.run(id));
        break;
      case "resume_compensation":
        change(id, () => statements.updateCompensating.run(id));
        break;
    }
    standings.forget(id);
    note(id, nowMs);
    return [];
  }

  /** Changes the row of a workflow, and counts it where it comes to stand. */
  function change(id: number, update: () => void): void {
    const before = tallies === null ? undefined : statements.selectPlace.get(id);
    update();
    const after = before === undefined ? undefined : statements.selectPlace.get(id);
    if (before !== undefined && after !== undefined) tallies?.workflowMoved(placeOf(before), placeOf(after));
  }

  /** Carries out what does not follow from a move; `null`: nothing is to be done with such a workflow. */
  function direct(id: number, commandsOf: (standing: WorkflowStanding) => Command[] | null, nowMs: number) {
    const standing = standingOf(id);
    const commands = standing === undefined ? null : commandsOf(standing);
    if (commands === null) return null;
    const released: number[] = [];
    const ended = carryOut(id, commands, released, nowMs);
    release(released, nowMs);
    return { leases: ended, released: released.length };
  }

  function cancel(key: number, error: TaskError, nowMs: number): EndedLease[] {
    const row = taskRow(key);
    transitions.finalize(row, "cancelled", error, "cancelled", nowMs);
    const queue = queues.byId(row.queue_id).name;
    const lease = leaseOfRow(row, queue);
    return lease === null ? [] : [lease];
  }

  function compensate(workflowId: number, number: number, nowMs: number): void {
    const step = engine.tasks.selectWhole.get(stepKey(workflowId, number));
    const type = plans.of(workflowId).steps[number]?.compensateWith;
    if (step === undefined || type == null) throw new Error(`step ${number} of ${workflowId} cannot be undone`);
    const queue = queues.byId(step.queue_id);
    const key = keys.next(nowMs);
    // A checksum of its own would make damaged parameters sound.
    const isDamaged = !isSound(step, taskChecksum);
    insert({
      key,
      queueId: queue.id,
      state: "pending",
      type,
      correlationId: textOf(step.correlation_id),
      sourceService: textOf(step.source_service),
      options: textOf(step.options),
      headers: isDamaged ? null : textOf(step.headers),
      payload: isDamaged ? null : step.payload,
      workflowId,
      undoes: number,
      isDamaged,
    });
    queues.move(queue, null, "pending", null, { priority: 0, ready_key: key });
    changes.note(key, "pending", nowMs);
    changes.noteReady(queue.name);
  }

  return {
    read: (id) => statements.select.get(id),

    end: ({ id }, ending, nowMs) => direct(id, (standing) => end(standing, ending), nowMs)?.leases ?? [],
    execute: ({ id }, nowMs) => (direct(id, execute, nowMs)?.released ?? 0) > 0,
    retry: ({ id }, nowMs) => direct(id, retry, nowMs) !== null,
  };
}

/** A move of a task of a workflow. */
interface StepMoved {
  readonly row: MovedRow;
  /** Of the workflow. */
  readonly id: number;
}

function placeOf({ state, finish_ms: finishMs }: { readonly state: number; readonly finish_ms: number | null }) {
  return { state: workflowStateOf(state), isAtRest: finishMs !== null };
}
