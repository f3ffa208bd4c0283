import { idOfKey } from "../../../domain/ids.ts";
import { optionsText } from "../../../domain/tasks/task-options.ts";
import type { NewWorkflow } from "../../../domain/workflows/workflow.ts";
import { firstState } from "../../../domain/workflows/workflow-progress.ts";
import { planText, stepKey, type WorkflowRow, workflowColumns, workflowStateNumber } from "../../rows/workflow-rows.ts";
import type { StoreVerbs } from "../../store.ts";
import type { StartAnswer } from "../../workflow-store.ts";
import type { Engine } from "../engine/engine.ts";
import { insertTasks, type TaskInsertion } from "../tasks/insert-tasks.ts";
import type { ReadWorkflow } from "./read-workflow.ts";

/** A workflow that is to be stored, or the one with its request id of the same call. */
interface Draft {
  readonly workflow: NewWorkflow;
  readonly id: number;
}

/** Creates the verb `startWorkflows`. */
export function createStartWorkflows(engine: Engine, read: ReadWorkflow): StoreVerbs["startWorkflows"] {
  const { db, queues, changes, keys, maxQueueDepth, tallies } = engine;

  async function knownRequests(workflows: readonly NewWorkflow[]): Promise<ReadonlyMap<string, WorkflowRow>> {
    const requestIds = [...new Set(workflows.flatMap(({ requestId }) => requestId ?? []))];
    if (requestIds.length === 0) return new Map();
    const rows = await db.all<WorkflowRow>(`SELECT ${workflowColumns} FROM workflow WHERE request_id = ANY($1)`, [
      requestIds,
    ]);
    return new Map(rows.map((row) => [row.request_id ?? "", row]));
  }

  /** Answers by the unfinished tasks of queues, and by what was added to them, whether there is room for all steps. */
  async function roomIn(workflows: readonly NewWorkflow[]) {
    const found = await queues.find(workflows.flatMap(({ steps }) => steps.map(({ service }) => service)));
    const counts = await queues.counts(Array.from(found.values(), ({ id }) => id));
    const added = new Map<string, number>();
    return (workflow: NewWorkflow): StartAnswer | null => {
      const more = new Map<string, number>();
      for (const [step, { service: queue }] of workflow.steps.entries()) {
        const entry = found.get(queue);
        const { blocked = 0, scheduled = 0, pending = 0, running = 0 } = counts.get(entry?.id ?? 0) ?? {};
        const depth = blocked + scheduled + pending + running + (added.get(queue) ?? 0) + (more.get(queue) ?? 0);
        const most = entry === undefined || entry.settings.maxDepth === 0 ? maxQueueDepth : entry.settings.maxDepth;
        if (depth >= most) return { status: "queue_full", step, queue, depth };
        more.set(queue, (more.get(queue) ?? 0) + 1);
      }
      for (const [queue, n] of more) added.set(queue, (added.get(queue) ?? 0) + n);
      return null;
    };
  }

  /** @returns the keys of those that were stored: another server may have taken a request id meanwhile */
  async function insertWorkflows(drafts: readonly Draft[]): Promise<ReadonlySet<number>> {
    const rows = await db.all<{ id: number }>(
      `INSERT INTO workflow (id, name, state, size, correlation_id, source_service, request_id, digest, plan, input)
       SELECT id, name, ${workflowStateNumber.pending}, size, correlation_id, source_service, request_id, digest, plan, input
       FROM unnest($1::bigint[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[])
         AS new (id, name, size, correlation_id, source_service, request_id, digest, plan, input)
       ON CONFLICT DO NOTHING RETURNING id`,
      [
        drafts.map(({ id }) => id),
        drafts.map(({ workflow }) => workflow.name),
        drafts.map(({ workflow }) => workflow.steps.length),
        drafts.map(({ workflow, id }) => workflow.correlationId ?? idOfKey(id)),
        drafts.map(({ workflow }) => workflow.sourceService),
        drafts.map(({ workflow }) => workflow.requestId),
        drafts.map(({ workflow }) => workflow.digest),
        drafts.map(({ workflow }) => planText(workflow.steps)),
        drafts.map(({ workflow: { input } }) => input && Buffer.from(input)),
      ],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async function insertSteps(drafts: readonly Draft[], nowMs: number): Promise<void> {
    const found = await queues.ensure(
      drafts.flatMap(({ workflow }) => workflow.steps.map(({ service }) => service)),
      nowMs,
    );
    const tasks = drafts.flatMap(({ workflow, id }) =>
      workflow.steps.map(
        (step, number): TaskInsertion => ({
          key: stepKey(id, number),
          queueId: found.get(step.service)?.id ?? 0,
          state: firstState(step, workflow.awaitsExecution ?? false),
          type: step.action,
          correlationId: workflow.correlationId ?? idOfKey(id),
          sourceService: workflow.sourceService,
          options: optionsText(step),
          headers: workflow.headers ? JSON.stringify(workflow.headers) : null,
          payload: step.parameters,
          workflowId: id,
        }),
      ),
    );
    await insertTasks(db, tasks);
    for (const { queueId, state } of tasks) {
      queues.move(queueId, null, state, null);
      if (state === "pending") changes.noteReady(queues.known(queueId).name);
    }
    for (const [state, ofState] of Map.groupBy(tasks, (task) => task.state)) {
      const ids = ofState.map(({ key }) => key);
      await changes.note(ids, state, nowMs);
    }
  }

  /** Stores those that nothing refuses; answers the keys by the places of the workflows. */
  async function store(workflows: readonly (readonly [place: number, workflow: NewWorkflow])[], nowMs: number) {
    const size = workflows.reduce((sum, [, { steps }]) => sum + 1 + steps.length, 0);
    let id = size === 0 ? 0 : await keys.take(size, nowMs);
    const drafts = new Map<number, Draft>();
    for (const [place, workflow] of workflows) {
      drafts.set(place, { workflow, id });
      id += 1 + workflow.steps.length;
    }
    const stored = await insertWorkflows([...drafts.values()]);
    const made = [...drafts].filter(([, draft]) => stored.has(draft.id));
    const own = made.map(([, draft]) => draft);
    await insertSteps(own, nowMs);
    for (const _ of own) tallies?.workflowMoved(null, { state: "pending", isAtRest: false });
    changes.noteWorkflows(
      own.map((draft) => {
        const workflowId = idOfKey(draft.id);
        return {
          kind: "workflow",
          workflowId,
          state: "pending",
          compensation: "none",
          atRest: false,
          changeMs: nowMs,
        };
      }),
    );
    return new Map(made.map(([place, draft]) => [place, draft.id]));
  }

  return async (workflows, nowMs) => {
    const known = await knownRequests(workflows);
    const room = await roomIn(workflows);
    const answers = new Map<number, StartAnswer>();
    const accepted: (readonly [number, NewWorkflow])[] = [];
    const ownRequests = new Set<string>();
    for (const [place, workflow] of workflows.entries()) {
      const { requestId } = workflow;
      const isRepeat = requestId !== null && (known.has(requestId) || ownRequests.has(requestId));
      const full = isRepeat ? null : room(workflow);
      if (full !== null) answers.set(place, full);
      if (isRepeat || full !== null) continue;
      accepted.push([place, workflow]);
      if (requestId !== null) ownRequests.add(requestId);
    }
    const stored = await store(accepted, nowMs);
    const briefs = await read.brief(stored.values());
    // What was there before, of this call, or of another server meanwhile.
    const others = workflows.filter((_, place) => !stored.has(place) && !answers.has(place));
    const existing = await knownRequests(others);
    const existingBriefs = await read.brief(Array.from(existing.values(), ({ id }) => id));
    return workflows.map((workflow, place): StartAnswer => {
      const refused = answers.get(place);
      if (refused !== undefined) return refused;
      const id = stored.get(place);
      const row = existing.get(workflow.requestId ?? "");
      const found = id !== undefined ? briefs.get(id) : row && existingBriefs.get(row.id);
      if (found === undefined) throw new Error("a workflow that was stored is not there");
      if (id !== undefined) return { status: "created", workflow: found };
      return row?.digest === workflow.digest
        ? { status: "existing", workflow: found }
        : { status: "request_id_reused", id: found.id };
    });
  };
}
