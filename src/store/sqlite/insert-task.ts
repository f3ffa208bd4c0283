import type Database from "better-sqlite3";
import type { TaskState } from "../../domain/task.ts";
import { stateNumber } from "./rows.ts";

/** A task as it is first written; what it does not say is NULL. */
export interface TaskInsertion {
  readonly key: number;
  readonly queueId: number;
  readonly state: TaskState;
  readonly type: string;
  readonly priority?: number;
  /** Its place in line. Default: its key. */
  readonly readyKey?: number;
  readonly scheduleMs?: number | null;
  readonly expireMs?: number | null;
  readonly requestId?: string | null;
  readonly deduplicationKey?: string | null;
  readonly correlationId: string | null;
  readonly sourceService: string | null;
  readonly options: string | null;
  readonly headers?: string | null;
  readonly payload?: Uint8Array | null;
  readonly eventKey?: number;
  readonly subscriptionId?: number;
  readonly orderingKey?: string | null;
  readonly workflowId?: number;
  readonly undoes?: number;
}

/** Makes the one function by which tasks are stored. The queue's counts are its caller's. */
export function createTaskInsert(db: Database.Database): (task: TaskInsertion) => void {
  const insert = db.prepare(
    `INSERT INTO task (id, queue_id, state, priority, ready_key, schedule_ms, expire_ms, type, request_id,
       deduplication_key, correlation_id, source_service, options, headers, payload, event_key, subscription_id,
       ordering_key, workflow_id, undoes)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  // Most tasks say no more than this, and a column that is not named costs less than a NULL.
  const insertPlain = db.prepare(
    `INSERT INTO task (id, queue_id, state, priority, ready_key, type, request_id, correlation_id, source_service, payload)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return (task) => {
    if (isPlain(task)) {
      insertPlain.run(
        task.key,
        task.queueId,
        stateNumber[task.state],
        task.priority ?? 0,
        task.readyKey ?? task.key,
        task.type,
        task.requestId ?? null,
        task.correlationId,
        task.sourceService,
        task.payload ?? null,
      );
      return;
    }
    insert.run(
      task.key,
      task.queueId,
      stateNumber[task.state],
      task.priority ?? 0,
      task.readyKey ?? task.key,
      task.scheduleMs ?? null,
      task.expireMs ?? null,
      task.type,
      task.requestId ?? null,
      task.deduplicationKey ?? null,
      task.correlationId,
      task.sourceService,
      task.options,
      task.headers ?? null,
      task.payload ?? null,
      task.eventKey ?? null,
      task.subscriptionId ?? null,
      task.orderingKey ?? null,
      task.workflowId ?? null,
      task.undoes ?? null,
    );
  };
}

function isPlain(task: TaskInsertion): boolean {
  return (
    task.options === null &&
    (task.headers ?? null) === null &&
    (task.scheduleMs ?? null) === null &&
    (task.expireMs ?? null) === null &&
    (task.deduplicationKey ?? null) === null &&
    task.eventKey === undefined &&
    task.workflowId === undefined
  );
}
