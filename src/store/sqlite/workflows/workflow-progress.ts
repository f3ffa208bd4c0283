import { leaseKindOf, type QueueLease } from "../../../domain/lease.ts";
import type { TaskError } from "../../../domain/tasks/task.ts";
import { isFinished, serverErrors } from "../../../domain/tasks/task.ts";
import type { WorkflowFailure } from "../../../domain/workflows/workflow.ts";
import type { Session } from "../engine/engine.ts";
import { idOfKey } from "../rows/ids.ts";
import { stateNumber, type TaskRow } from "../rows/task-rows.ts";
import {
  compensationNumber,
  stepKey,
  stepNumber,
  type WorkflowRow,
  workflowStateNumber,
} from "../rows/workflow-rows.ts";
import { createTaskInsert } from "../tasks/insert-task.ts";
import type { MovedRow, Transitions } from "../tasks/transitions.ts";
import { createNextToUndo } from "./next-to-compensate.ts";
import { type FlowRow, prepareWorkflowStatements } from "./workflow-statements.ts";

/**
 * What follows from the moves of steps, in the transaction of each move, whoever makes it: a step that is completed releases
 * those that waited for it; one that fails for good ends the workflow, and what was completed is undone, newest first, one at a
 * time; one that comes to wait in a workflow that has ended is cancelled.
 */
export interface WorkflowFlow {
  /** Reads a workflow; `undefined`: there is none. */
  read(id: number): WorkflowRow | undefined;
  /** Pending, running → failed or cancelled. What waits is cancelled, and what runs too if `stopRunning`; answers its leases. */
  end(workflow: WorkflowRow, ending: Ending, nowMs: number): QueueLease[];
  /** Releases the steps that depend on nothing and are BLOCKED, which await the execution; answers whether there were any. */
  execute(workflow: WorkflowRow, nowMs: number): boolean;
  /** Failed, cancelled → pending, running: steps that are not completed go on with a fresh allowance. */
  resume(workflow: WorkflowRow, nowMs: number): void;
  /** Goes on with the compensation that failed. */
  resumeCompensation(workflow: WorkflowRow, nowMs: number): void;
}

/** How a workflow ends that is not completed. */
export interface Ending {
  readonly state: "failed" | "cancelled";
  readonly failure: WorkflowFailure;
  /** Undo what was completed. */
  readonly compensate: boolean;
  readonly stopRunning: boolean;
}

/** The flow of workflows in an open database. */
export function createWorkflowFlow(session: Session, transitions: Transitions): WorkflowFlow {
  const { db, queues, changes, keys, plans } = session;
  const statements = prepareWorkflowStatements(db);
  const insert = createTaskInsert(db);
  const nextToUndo = createNextToUndo(session, statements);
  /** Workflows whose steps are moved from here: nothing more follows from each of these moves. */
  const inHand = new Set<number>();

  const stepsOf = ({ id, size }: FlowRow) => statements.selectSteps.all(id, id + size);

  function moving({ id }: FlowRow, move: () => void): void {
    inHand.add(id);
    try {
      move();
    } finally {
      inHand.delete(id);
    }
  }

  function taskRow(id: number): TaskRow {
    const row = statements.selectTask.get(id);
    if (row === undefined) throw new Error(`no task ${id}`);
    return row;
  }

  function note(id: number, nowMs: number): void {
    const row = changes.watched.workflows ? statements.select.get(id) : undefined;
    if (row !== undefined) changes.noteWorkflow(row, nowMs);
  }

  transitions.follow((row, to, nowMs) => {
    const { workflow_id: workflowId } = row;
    // A workflow's tasks are deleted with it.
    if (workflowId === null || to === null || inHand.has(workflowId)) return;
    if (to === "running") {
      if (mayBegin(row, workflowId) && statements.begin.run(nowMs, workflowId).changes > 0) note(workflowId, nowMs);
      return;
    }
    const workflow = statements.selectFlow.get(workflowId);
    if (workflow === undefined) return;
    const isActive = workflow.state <= workflowStateNumber.running;
    if (to === "completed" && row.undoes === null) noteCompleted(row, workflowId, nowMs);
    if (row.undoes !== null || !isActive) followEnded(workflow, row, isFinished(to), nowMs);
    else if (to === "completed") release(workflow, nowMs);
    else if (isFinished(to)) failStep(workflow, row, nowMs);
  });

  /** Whether a workflow may begin with a task: before any other, another step was completed. */
  function mayBegin(row: MovedRow, workflowId: number): boolean {
    return row.undoes === null && plans.of(workflowId).steps[stepNumber(row, workflowId)]?.dependsOn.length === 0;
  }

  function followEnded(workflow: FlowRow, row: MovedRow, isThrough: boolean, nowMs: number): void {
    // A step that is to be tried again, or was given back, has nothing to begin again for.
    if (!isThrough && row.undoes === null) {
      transitions.finalize(taskRow(row.id), "cancelled", serverErrors.workflowEnded, "cancelled", nowMs);
    } else if (isThrough) {
      comeToRest(workflow, nowMs);
    }
  }

  /** Numbers a step that may have to be undone: by their numbers the last one comes first, whatever the clock says. */
  function noteCompleted(row: MovedRow, workflowId: number, nowMs: number): void {
    const step = plans.of(workflowId).steps[stepNumber(row, workflowId)];
    if (step?.compensateWith != null) statements.noteCompleted.run(keys.next(nowMs), row.id);
  }

  /** What would come next is not known any more: it fails, rather than to stand still. */
  function failDamaged(workflow: FlowRow, nowMs: number): void {
    const failure = { stepId: null, error: serverErrors.dataLoss };
    end(workflow, { state: "failed", failure, compensate: true, stopRunning: false }, nowMs);
  }

  function release(workflow: FlowRow, nowMs: number): void {
    const steps = stepsOf(workflow);
    const isCompleted = (number: number) => steps[number]?.state === stateNumber.completed;
    if (steps.every(({ state }) => state === stateNumber.completed)) {
      statements.updateFinished.run(workflowStateNumber.completed, compensationNumber.none, nowMs, workflow.id);
      note(workflow.id, nowMs);
      return;
    }
    if (!plans.of(workflow.id).isSound) {
      failDamaged(workflow, nowMs);
      return;
    }
    moving(workflow, () => {
      plans.of(workflow.id).steps.forEach(({ dependsOn }, number) => {
        const step = steps[number];
        if (step?.state !== stateNumber.blocked || !dependsOn.every(isCompleted)) return;
        const row = statements.selectMoved.get(step.id);
        if (row !== undefined) transitions.unblock(row, nowMs);
      });
    });
  }

  function failStep(workflow: FlowRow, row: MovedRow, nowMs: number): void {
    const { error } = taskRow(row.id);
    const stepId = plans.of(workflow.id).steps[stepNumber(row, workflow.id)]?.stepId ?? null;
    const failure = { stepId, error: error === null ? serverErrors.workflowEnded : (JSON.parse(error) as TaskError) };
    end(workflow, { state: "failed", failure, compensate: true, stopRunning: false }, nowMs);
  }

  function end(workflow: FlowRow, how: Ending, nowMs: number): QueueLease[] {
    const plan = plans.of(workflow.id).steps;
    const steps = stepsOf(workflow);
    const canBeUndone = steps.some(({ state }, number) => {
      const mayComplete = state === stateNumber.completed || (state === stateNumber.running && !how.stopRunning);
      return mayComplete && plan[number]?.compensateWith != null;
    });
    const compensation = how.compensate && canBeUndone ? compensationNumber.running : compensationNumber.none;
    statements.updateEnded.run(workflowStateNumber[how.state], JSON.stringify(how.failure), compensation, workflow.id);
    note(workflow.id, nowMs);

    const leases: QueueLease[] = [];
    moving(workflow, () => {
      for (const { id, state } of steps) {
        if (state > stateNumber.running || (state === stateNumber.running && !how.stopRunning)) continue;
        const row = taskRow(id);
        if (state === stateNumber.running) {
          const queue = queues.byId(row.queue_id).name;
          const { attempt, worker_id: workerId, lease_ms: leaseMs } = row;
          leases.push({
            taskId: idOfKey(id),
            attempt,
            workerId: workerId ?? "",
            leaseKind: leaseKindOf(leaseMs),
            queue,
          });
        }
        const error = how.state === "cancelled" ? how.failure.error : serverErrors.workflowEnded;
        transitions.finalize(row, "cancelled", error, "cancelled", nowMs);
      }
    });
    const ended = statements.selectFlow.get(workflow.id);
    if (ended !== undefined) comeToRest(ended, nowMs);
    return leases;
  }

  /** Undoes the next step of a workflow that has ended, or finishes it, if nothing of it runs any more. */
  function comeToRest(workflow: FlowRow, nowMs: number): void {
    const steps = stepsOf(workflow);
    if (workflow.finish_ms !== null || steps.some(({ state }) => state === stateNumber.running)) return;
    const next = nextToUndo(workflow, steps);
    if (next === "wait") return;
    if (typeof next === "number") undo(workflow, next, nowMs);
    else finish(workflow, compensationNumber[next], nowMs);
  }

  function finish({ id, state }: FlowRow, compensation: number, nowMs: number): void {
    statements.updateFinished.run(state, compensation, nowMs, id);
    note(id, nowMs);
  }

  /** Stores the task that undoes a step: in the same queue, with the same parameters and the same policy. */
  function undo(workflow: FlowRow, number: number, nowMs: number): void {
    const step = statements.selectFullTask.get(stepKey(workflow.id, number));
    const type = plans.of(workflow.id).steps[number]?.compensateWith;
    if (step === undefined || type == null) throw new Error(`step ${number} of ${workflow.id} cannot be undone`);
    const queue = queues.byId(step.queue_id);
    const key = keys.next(nowMs);
    insert({
      key,
      queueId: queue.id,
      state: "pending",
      type,
      correlationId: step.correlation_id,
      sourceService: step.source_service,
      options: step.options,
      payload: step.payload,
      workflowId: workflow.id,
      undoes: number,
    });
    queues.move(queue, null, "pending", null);
    changes.note(key, "pending", nowMs);
    changes.noteReady(queue.name);
  }

  return {
    read: (id) => statements.select.get(id),
    end,

    execute(workflow, nowMs) {
      const { steps: plan, isSound } = plans.of(workflow.id);
      if (!isSound) {
        failDamaged(workflow, nowMs);
        return false;
      }
      const roots = stepsOf(workflow).filter(
        ({ state }, number) => state === stateNumber.blocked && plan[number]?.dependsOn.length === 0,
      );
      moving(workflow, () => {
        for (const { id } of roots) transitions.unblock(taskRow(id), nowMs);
      });
      return roots.length > 0;
    },

    resume(workflow, nowMs) {
      statements.updateResumed.run(workflow.id);
      note(workflow.id, nowMs);
      const steps = stepsOf(workflow);
      const isCompleted = (number: number) => steps[number]?.state === stateNumber.completed;
      plans.of(workflow.id).steps.forEach(({ dependsOn }, number) => {
        if (isCompleted(number)) return;
        const to = dependsOn.every(isCompleted) ? "pending" : "blocked";
        transitions.restart(taskRow(stepKey(workflow.id, number)), to, nowMs);
      });
    },

    resumeCompensation(workflow, nowMs) {
      statements.updateCompensating.run(workflow.id);
      note(workflow.id, nowMs);
      for (const { id, state } of statements.selectCompensations.all(workflow.id)) {
        if (state > stateNumber.completed) transitions.restart(taskRow(id), "pending", nowMs);
      }
    },
  };
}
