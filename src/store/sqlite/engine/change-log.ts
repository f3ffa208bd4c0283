import type Database from "better-sqlite3";
import { idOfKey } from "../../../domain/ids.ts";
import type { KeySequence } from "../../../domain/key-sequence.ts";
import { namedFlows } from "../../../domain/tasks/queue-flow.ts";
import type { TaskChange, TaskError, TaskState } from "../../../domain/tasks/task.ts";
import type { WorkflowChange } from "../../../domain/workflows/workflow.ts";
import type { Changes, Watched } from "../../changes.ts";
import { readJson, textOf } from "../../rows/json-column.ts";
import { summaryOf, type WorkflowRow } from "../../rows/workflow-rows.ts";
import type { Origins } from "../rows/claim-context.ts";
import type { QueueTable } from "../rows/queue-table.ts";
import type { SubscriptionTable } from "../rows/subscription-table.ts";

/** Collects what a transaction changes. */
export interface ChangeLog {
  watched: Watched;
  /** Notes that a task came into a state; `null`: it is about to be deleted. */
  note(key: number, state: TaskState | null, nowMs: number): void;
  /** Notes that a workflow itself changed. */
  noteWorkflow(row: WorkflowRow, nowMs: number): void;
  /** Notes that a task of the queue may be claimed. */
  noteReady(queue: string): void;
  /** How much has been noted since the last `take`. */
  mark(): ChangeMark;
  /** Forgets what was noted after the mark: it was undone. */
  undo(mark: ChangeMark): void;
  /** What was noted since the last call. */
  take(): Changes;
}

/** A place in the log. */
export type ChangeMark = readonly [tasks: number, workflows: number, ready: number];

interface ChangeRow {
  readonly id: number;
  readonly queue_id: number;
  readonly type: string;
  readonly correlation_id: string | null;
  readonly attempt: number;
  readonly worker_id: string | null;
  readonly source_service: string | null;
  readonly priority: number;
  readonly error: string | null;
  readonly event_key: null;
  readonly subscription_id: null;
  readonly workflow_id: number | null;
  readonly undoes: number | null;
}

/** What a change log looks things up in. */
export interface ChangeLogParts {
  readonly db: Database.Database;
  readonly queues: QueueTable;
  readonly subscriptions: Pick<SubscriptionTable, "nameOf">;
  readonly origins: Origins;
  readonly keys: KeySequence;
}

/** Creates the change log of an open database. */
export function createChangeLog({ db, queues, subscriptions, origins, keys }: ChangeLogParts): ChangeLog {
  // A delivery's event is of no interest here, and costs a look.
  const select = db.prepare<[number], ChangeRow>(
    `SELECT id, queue_id, type, correlation_id, attempt, worker_id, source_service, priority, error, NULL AS event_key,
       NULL AS subscription_id, workflow_id, undoes
     FROM task WHERE id = ?`,
  );
  let tasks: TaskChange[] = [];
  let workflows: WorkflowChange[] = [];
  let ready: string[] = [];
  return {
    watched: { tasks: false, workflows: false },

    note(key, state, nowMs) {
      if (!this.watched.tasks && !this.watched.workflows) return;
      const row = select.get(key);
      if (row === undefined) return;
      const { attempt, worker_id: workerId } = row;
      if (this.watched.tasks) {
        tasks.push({
          id: idOfKey(key),
          queue: queues.byId(row.queue_id).name,
          type: row.type,
          correlationId: row.correlation_id,
          state,
          attempt,
          workerId,
          sourceService: row.source_service,
          priority: row.priority,
          error: briefly(readJson<TaskError>(row.error)),
          createMs: keys.timeOf(key),
          changeMs: nowMs,
        });
      }
      if (!this.watched.workflows || row.workflow_id === null || state === null) return;
      const origin = origins.of(row);
      if (origin?.kind !== "step") return;
      const { workflowId, stepId, isCompensation } = origin;
      workflows.push({ kind: "step", workflowId, stepId, isCompensation, state, attempt, workerId, changeMs: nowMs });
    },

    noteWorkflow(row, nowMs) {
      if (!this.watched.workflows) return;
      const { id: workflowId, state, compensation, finishMs } = summaryOf(row, keys);
      workflows.push({ kind: "workflow", workflowId, state, compensation, atRest: finishMs !== null, changeMs: nowMs });
    },

    noteReady: (queue) => void ready.push(queue),

    mark: () => [tasks.length, workflows.length, ready.length],

    undo([taskCount, workflowCount, readyCount]) {
      tasks.length = taskCount;
      workflows.length = workflowCount;
      ready.length = readyCount;
    },

    take() {
      const counts = new Map<string, number>();
      for (const queue of ready) counts.set(queue, (counts.get(queue) ?? 0) + 1);
      const flows = queues.takeFlows();
      const deliveries = namedFlows(flows.deliveries, subscriptions.nameOf);
      const taken = { tasks, workflows, flows: flows.queues, deliveries, ready: [...counts] };
      tasks = [];
      workflows = [];
      ready = [];
      return taken;
    },
  };
}

function briefly(error: TaskError | null): TaskChange["error"] {
  return error && { type: textOf(error.type) ?? "", message: textOf(error.message) ?? "" };
}
