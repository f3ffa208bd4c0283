import { idOfKey } from "../../../domain/ids.ts";
import { optionsText } from "../../../domain/tasks/task-options.ts";
import type { NewWorkflow } from "../../../domain/workflows/workflow.ts";
import { firstState } from "../../../domain/workflows/workflow-progress.ts";
import { planText, stepKey, type WorkflowRow, workflowColumns, workflowStateNumber } from "../../rows/workflow-rows.ts";
import type { Store } from "../../store.ts";
import type { StartAnswer } from "../../workflow-store.ts";
import type { Engine } from "../engine/engine.ts";
import { depth, depthLimitOf } from "../engine/queue-depth.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { bytesChecksum, planChecksum } from "../rows/checksums.ts";
import { createTaskInsert } from "../tasks/insert-task.ts";
import type { ReadWorkflow } from "./read-workflow.ts";
import type { WorkflowFlow } from "./workflow-flow.ts";

/** Creates the verb `startWorkflows` on an open database. */
export function createStartWorkflows(
  engine: Engine,
  flow: WorkflowFlow,
  read: ReadWorkflow,
): SyncVerb<Store["startWorkflows"]> {
  const { db, queues, changes, keys, leases, tallies } = engine;
  const selectByRequest = db.prepare<[string], WorkflowRow>(
    `SELECT ${workflowColumns} FROM workflow WHERE request_id = ?`,
  );
  const insertWorkflow = db.prepare(
    `INSERT INTO workflow (id, name, state, size, correlation_id, source_service, request_id, digest, plan, input,
       plan_checksum, input_checksum)
     VALUES (?, ?, ${workflowStateNumber.pending}, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertTask = createTaskInsert(db);

  function startOne(workflow: NewWorkflow, nowMs: number): StartAnswer {
    if (workflow.requestId !== null) {
      const known = selectByRequest.get(workflow.requestId);
      if (known !== undefined) {
        if (known.digest !== workflow.digest) return { status: "request_id_reused", id: idOfKey(known.id) };
        leases.write(leases.all());
        return { status: "existing", workflow: read.brief(flow.read(known.id) ?? known) };
      }
    }
    const full = fullQueue(workflow);
    if (full !== null) return full;

    const id = keys.next(nowMs);
    const correlationId = workflow.correlationId ?? idOfKey(id);
    const { name, steps, sourceService, requestId, digest, input } = workflow;
    const headers = workflow.headers ? JSON.stringify(workflow.headers) : null;
    const plan = planText(steps);
    insertWorkflow.run(
      id,
      name,
      steps.length,
      correlationId,
      sourceService,
      requestId,
      digest,
      plan,
      input,
      planChecksum(id, name, plan),
      bytesChecksum(id, input),
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
        headers,
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
    tallies?.workflowMoved(null, { state: "pending", isAtRest: false });
    return { status: "created", workflow: read.brief(row) };
  }

  /** The answer where a step's queue has no room for those of its steps. */
  function fullQueue({ steps }: NewWorkflow): StartAnswer | null {
    const added = new Map<string, number>();
    for (const [step, { service }] of steps.entries()) {
      const queue = queues.byName(service);
      const waiting = depth(queue) + (added.get(service) ?? 0);
      if (waiting >= depthLimitOf(queue, engine)) return { status: "queue_full", step, queue: service, depth: waiting };
      added.set(service, (added.get(service) ?? 0) + 1);
    }
    return null;
  }

  return (workflows, nowMs) => workflows.map((workflow) => startOne(workflow, nowMs));
}
