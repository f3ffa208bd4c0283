import { idOfKey } from "../../../domain/ids.ts";
import { namedFlows } from "../../../domain/tasks/queue-flow.ts";
import { isFinished, type TaskChange, type TaskError, type TaskState } from "../../../domain/tasks/task.ts";
import type { WorkflowChange } from "../../../domain/workflows/workflow.ts";
import type { Changes, Watched } from "../../changes.ts";
import { readJson } from "../../rows/json-column.ts";
import { stepNumber } from "../../rows/workflow-rows.ts";
import type { Keys } from "../database/keys.ts";
import type { Statements } from "../database/statements.ts";
import type { Plans } from "../rows/plans.ts";
import type { QueueTable } from "./queue-table.ts";
import type { SubscriptionTable } from "./subscription-table.ts";

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
  readonly workflow_id: number | null;
  readonly undoes: number | null;
}

const changeColumns =
  "id, queue_id, type, correlation_id, attempt, worker_id, source_service, priority, error, workflow_id, undoes";

/** Collects what a transaction changes, for the listeners after it. */
export class ChangeLog {
  /** What some server watches, as the open transaction found it. Of what no server watches nothing is noted. */
  watched: Watched = { tasks: false, workflows: false };
  private readonly db: Statements;
  private readonly keys: Keys;
  private readonly queues: QueueTable;
  private readonly plans: Plans;
  private readonly subscriptions: Pick<SubscriptionTable, "nameOf">;
  private tasks: TaskChange[] = [];
  private workflows: WorkflowChange[] = [];
  private readonly ready = new Map<string, number>();

  constructor(
    db: Statements,
    keys: Keys,
    queues: QueueTable,
    plans: Plans,
    subscriptions: Pick<SubscriptionTable, "nameOf">,
  ) {
    this.plans = plans;
    this.db = db;
    this.keys = keys;
    this.queues = queues;
    this.subscriptions = subscriptions;
  }

  /** Notes that tasks came into a state, as their rows say now; `null`: they are about to be deleted. */
  async note(keys: readonly number[], state: TaskState | null, nowMs: number): Promise<void> {
    if (!(this.watched.tasks || this.watched.workflows) || keys.length === 0) return;
    const from = state === null || isFinished(state) ? "task" : "task_live";
    const rows = await this.db.all<ChangeRow>(`SELECT ${changeColumns} FROM ${from} WHERE id = ANY($1)`, [keys]);
    const byKey = new Map(rows.map((row) => [row.id, row]));
    const inOrder = keys.flatMap((key) => byKey.get(key) ?? []);
    if (this.watched.tasks) await this.noteTasks(inOrder, state, nowMs);
    if (this.watched.workflows && state !== null) await this.noteSteps(inOrder, state, nowMs);
  }

  /** Notes that the tasks are deleted that a table holds beside `task`. @param condition in SQL: which of its rows, with its values */
  async noteDeleted(table: string, condition: string, values: readonly unknown[], nowMs: number): Promise<void> {
    if (!this.watched.tasks) return;
    const rows = await this.db.all<ChangeRow>(
      `SELECT ${changeColumns} FROM ${table} WHERE ${condition} ORDER BY id`,
      values,
    );
    await this.noteTasks(rows, null, nowMs);
  }

  /** Notes changes of workflows and of their steps. */
  noteWorkflows(changes: readonly WorkflowChange[]): void {
    if (this.watched.workflows) this.workflows.push(...changes);
  }

  /** Notes that `n` tasks of the queue may be claimed. */
  noteReady(queue: string, n = 1): void {
    this.ready.set(queue, (this.ready.get(queue) ?? 0) + n);
  }

  /** Forgets what was noted: it was undone. */
  undo(): void {
    this.tasks = [];
    this.workflows = [];
    this.ready.clear();
  }

  /** What was noted of tasks and workflows. */
  noted(): Pick<Changes, "tasks" | "workflows"> {
    return { tasks: this.tasks, workflows: this.workflows };
  }

  /** What was noted since the last call. */
  take(): Changes {
    const flows = this.queues.takeFlows();
    const deliveries = namedFlows(flows.deliveries, (id) => this.subscriptions.nameOf(id));
    const taken = {
      tasks: this.tasks,
      workflows: this.workflows,
      flows: flows.queues,
      deliveries,
      ready: [...this.ready],
    };
    this.undo();
    return taken;
  }

  private async noteTasks(rows: readonly ChangeRow[], state: TaskState | null, nowMs: number): Promise<void> {
    const queues = await this.queues.byId(rows.map((row) => row.queue_id));
    for (const row of rows) {
      const error = readJson<TaskError>(row.error);
      this.tasks.push({
        id: idOfKey(row.id),
        queue: queues.get(row.queue_id)?.name ?? "",
        type: row.type,
        correlationId: row.correlation_id,
        state,
        attempt: row.attempt,
        workerId: row.worker_id,
        sourceService: row.source_service,
        priority: row.priority,
        error: error && { type: error.type, message: error.message },
        createMs: this.keys.timeOf(row.id),
        changeMs: nowMs,
      });
    }
  }

  private async noteSteps(rows: readonly ChangeRow[], state: TaskState, nowMs: number): Promise<void> {
    const plans = await this.plans.of(rows.flatMap(({ workflow_id: id }) => id ?? []));
    for (const row of rows) {
      const plan = row.workflow_id === null ? undefined : plans.get(row.workflow_id);
      if (row.workflow_id === null || plan === undefined) continue;
      const { stepId = "" } = plan.steps[stepNumber(row, row.workflow_id)] ?? {};
      const { attempt, worker_id: workerId } = row;
      const step = { kind: "step", workflowId: idOfKey(row.workflow_id), stepId } as const;
      this.workflows.push({ ...step, isCompensation: row.undoes !== null, state, attempt, workerId, changeMs: nowMs });
    }
  }
}
