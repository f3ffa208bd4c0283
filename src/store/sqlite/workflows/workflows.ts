import type Database from "better-sqlite3";
import type { NewWorkflow, Workflow, WorkflowStep } from "../../../domain/workflows/workflow.ts";
import { firstState } from "../../../domain/workflows/workflow-progress.ts";
import type { Store } from "../../store.ts";
import type { StartAnswer } from "../../workflow-store.ts";
import type { Session } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { bytesChecksum, planChecksum } from "../rows/checksums.ts";
import { idOfKey, keyOfId } from "../rows/ids.ts";
import { depth } from "../rows/queue-table.ts";
import { type FullTaskRow, optionsText, type TaskRow, taskColumns } from "../rows/task-rows.ts";
import {
  compensationNumber,
  planText,
  stepKey,
  summaryOf,
  type WorkflowRow,
  workflowColumns,
  workflowStateNumber,
} from "../rows/workflow-rows.ts";
import { createTaskInsert } from "../tasks/insert-task.ts";
import { taskOf } from "../tasks/task-content.ts";
import type { Transitions } from "../tasks/transitions.ts";
import { createWorkflowContent } from "./workflow-content.ts";
import type { WorkflowFlow } from "./workflow-flow.ts";

/** How many bytes of results one reading of a workflow holds; the largest beyond it are left out. */
const resultBytes = 2_097_152;
/** How many rows one batch of retention reads, and how many tasks it deletes. */
const sweepRows = 2_000;
const batchTasks = 500;

interface StepTaskRow extends TaskRow {
  readonly ready_key: number;
}

type FullStepRow = StepTaskRow & FullTaskRow;

/** The verbs of workflows, on an open database. */
export function createWorkflows(session: Session, transitions: Transitions, flow: WorkflowFlow) {
  const { db, queues, changes, keys, plans } = session;
  const selectByRequest = db.prepare<[string], WorkflowRow>(
    `SELECT ${workflowColumns} FROM workflow WHERE request_id = ?`,
  );
  const insertWorkflow = db.prepare(
    `INSERT INTO workflow (id, name, state, size, correlation_id, source_service, request_id, digest, plan, input,
       plan_checksum, input_checksum)
     VALUES (?, ?, ${workflowStateNumber.pending}, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertTask = createTaskInsert(db);
  const contentOf = createWorkflowContent(session);
  const selectTasks = createTaskSelect<StepTaskRow>(db, `${taskColumns}, ready_key`);
  const selectFullTasks = createTaskSelect<FullStepRow>(
    db,
    `${taskColumns}, ready_key, headers, payload, checksum, iif(length(result) <= @most, result, NULL) AS result,
       iif(length(result) > @most, NULL, result_checksum) AS result_checksum`,
  );
  const selectLengths = createTaskSelect<{ readonly length: number | null }>(db, "length(result) AS length");
  const selectOld = db.prepare<
    [number, number, number],
    Pick<WorkflowRow, "id" | "size" | "compensation" | "finish_ms">
  >("SELECT id, size, compensation, finish_ms FROM workflow WHERE id > ? AND id < ? ORDER BY id LIMIT ?");
  const deleteWorkflow = db.prepare<[number]>("DELETE FROM workflow WHERE id = ?");

  function startOne(workflow: NewWorkflow, nowMs: number): StartAnswer {
    if (workflow.requestId !== null) {
      const known = selectByRequest.get(workflow.requestId);
      if (known !== undefined) {
        const same = known.digest === workflow.digest;
        return same
          ? { status: "existing", workflow: read(known) }
          : { status: "request_id_reused", id: idOfKey(known.id) };
      }
    }
    const full = fullQueue(workflow);
    if (full !== null) return full;

    const id = keys.next(nowMs);
    const correlationId = workflow.correlationId ?? idOfKey(id);
    const { name, steps, sourceService, requestId, digest, input } = workflow;
    const plan = planText(steps);
    insertWorkflow.run(
      ...[id, name, steps.length, correlationId, sourceService, requestId, digest, plan, input],
      ...[planChecksum(id, name, plan), bytesChecksum(id, input)],
    );
    steps.forEach((step, number) => {
      const key = keys.next(nowMs);
      if (key !== stepKey(id, number)) throw new Error("the keys of a workflow's steps are not its next ones");
      const queue = queues.ensure(step.service, nowMs);
      const state = firstState(step, workflow.awaitsExecution ?? false);
      insertTask({
        key,
        queueId: queue.id,
        state,
        type: step.action,
        correlationId,
        sourceService,
        options: optionsText(step),
        payload: step.parameters,
        workflowId: id,
      });
      queues.move(queue, null, state, null);
      changes.note(key, state, nowMs);
      if (state === "pending") changes.noteReady(queue.name);
    });
    const row = flow.read(id);
    if (row === undefined) throw new Error("a workflow that was stored is not there");
    changes.noteWorkflow(row, nowMs);
    return { status: "created", workflow: read(row) };
  }

  /** The answer where a step's queue has no room for those of its steps. */
  function fullQueue({ steps }: NewWorkflow): StartAnswer | null {
    const added = new Map<string, number>();
    for (const [step, { service }] of steps.entries()) {
      const queue = queues.byName(service);
      const waiting = (queue === undefined ? 0 : depth(queue)) + (added.get(service) ?? 0);
      const most = queue?.settings.maxDepth || session.maxQueueDepth;
      if (waiting >= most) return { status: "queue_full", step, queue: service, depth: waiting };
      added.set(service, (added.get(service) ?? 0) + 1);
    }
    return null;
  }

  /** A workflow with its steps, without payloads and results. */
  function read(row: WorkflowRow): Workflow {
    return { ...summaryOf(row, keys), input: null, steps: stepsOf(row, selectTasks(row, {})) };
  }

  function readWhole(row: WorkflowRow): Workflow {
    let most = 0;
    let room = resultBytes;
    const lengths = selectLengths(row, {}).map(({ length }) => length ?? 0);
    for (const length of lengths.sort((a, b) => a - b)) {
      room -= length;
      if (room < 0) break;
      most = length;
    }
    const steps = stepsOf(row, selectFullTasks(row, { most }));
    return { ...summaryOf(row, keys), steps, ...contentOf(row.id) };
  }

  function stepsOf(row: WorkflowRow, rows: readonly StepTaskRow[]): WorkflowStep[] {
    const tasks = rows.map((each) => ({
      undoes: each.undoes,
      readyMs: keys.timeOf(each.ready_key),
      task: taskOf(each, session),
    }));
    const { steps: plan, isSound } = plans.of(row.id);
    return plan.flatMap(({ stepId, dependsOn, compensateWith }, number) => {
      const step = tasks[number];
      // A damaged plan is a guess.
      if (step === undefined && !isSound) return [];
      if (step === undefined) throw new Error(`step ${stepId} of ${row.id} has no task`);
      return {
        stepId,
        dependsOn: dependsOn.map((each) => plan[each]?.stepId ?? ""),
        compensateWith,
        task: step.task,
        readyMs: step.readyMs,
        compensation: tasks.find(({ undoes }) => undoes === number)?.task ?? null,
      };
    });
  }

  function find(id: string): WorkflowRow | undefined {
    const key = keyOfId(id);
    return key === null ? undefined : flow.read(key);
  }

  const startWorkflows: SyncVerb<Store["startWorkflows"]> = (workflows, nowMs) =>
    workflows.map((workflow) => startOne(workflow, nowMs));

  const executeWorkflow: SyncVerb<Store["executeWorkflow"]> = (id, nowMs) => {
    const row = find(id);
    if (row === undefined) return { status: "not_found" };
    if (row.state === workflowStateNumber.cancelled) return { status: "cancelled" };
    const isBegun = row.state === workflowStateNumber.pending && flow.execute(row, nowMs);
    return { status: "executed", workflow: read(find(id) ?? row), isBegun };
  };

  const getWorkflow: SyncVerb<Store["getWorkflow"]> = (id) => {
    const row = find(id);
    return row === undefined ? null : readWhole(row);
  };

  const cancelWorkflow: SyncVerb<Store["cancelWorkflow"]> = (id, error, compensate, nowMs) => {
    const row = find(id);
    if (row === undefined) return { status: "not_found" };
    const { state } = summaryOf(row, keys);
    if (state === "cancelled") return { status: "cancelled", workflow: read(row), leases: [] };
    if (state === "completed" || state === "failed") return { status: "finished", state };
    const failure = { stepId: null, error };
    const leases = flow.end(row, { state: "cancelled", failure, compensate, stopRunning: true }, nowMs);
    return { status: "cancelled", workflow: read(find(id) ?? row), leases };
  };

  const retryWorkflow: SyncVerb<Store["retryWorkflow"]> = (id, nowMs) => {
    const row = find(id);
    if (row === undefined) return { status: "not_found" };
    if (!flow.retry(row, nowMs)) return { status: "not_retryable", workflow: summaryOf(row, keys) };
    return { status: "retried", workflow: read(find(id) ?? row) };
  };

  const sweepWorkflows: SyncVerb<Store["sweepWorkflows"]> = (afterId, beforeMs, nowMs) => {
    const after = afterId === null ? 0 : (keyOfId(afterId) ?? 0);
    let deleted = 0;
    let tasks = 0;
    let last: number | null = null;
    // One that came to rest before a time was created before it.
    for (const row of selectOld.all(after, keys.at(beforeMs), sweepRows)) {
      if (tasks >= batchTasks) break;
      last = row.id;
      if (row.finish_ms === null || row.finish_ms >= beforeMs) continue;
      for (const task of selectTasks(row, {})) {
        transitions.remove(task, nowMs);
        tasks++;
      }
      deleteWorkflow.run(row.id);
      deleted++;
    }
    return { deleted, nextAfterId: last === null ? null : idOfKey(last) };
  };

  return { startWorkflows, executeWorkflow, getWorkflow, cancelWorkflow, retryWorkflow, sweepWorkflows };
}

/** Makes a function that reads the tasks of a workflow: its steps by number, then its compensations. */
function createTaskSelect<Row>(db: Database.Database, columns: string) {
  const selectSteps = db.prepare<object, Row>(
    `SELECT ${columns} FROM task WHERE id > @id AND id <= @id + @size ORDER BY id`,
  );
  const selectCompensations = db.prepare<object, Row>(
    `SELECT ${columns} FROM task INDEXED BY task_compensation WHERE workflow_id = @id AND undoes IS NOT NULL`,
  );
  // One statement for both would sort them in a b-tree of its own.
  return ({ id, size, compensation }: Pick<WorkflowRow, "id" | "size" | "compensation">, more: object): Row[] => {
    const steps = selectSteps.all({ id, size, ...more });
    if (compensation === compensationNumber.none) return steps;
    return [...steps, ...selectCompensations.all({ id, ...more })];
  };
}
