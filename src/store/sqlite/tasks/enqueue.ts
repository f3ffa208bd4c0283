import { laneOf } from "../../../domain/balancing/dispatch.ts";
import { idOfKey } from "../../../domain/ids.ts";
import { isSameRequest, judgeDuplicate, type RequestContent } from "../../../domain/tasks/deduplication.ts";
import { initialTimes } from "../../../domain/tasks/initial-times.ts";
import { type NewTask, serverErrors } from "../../../domain/tasks/task.ts";
import { askedFor, optionsText } from "../../../domain/tasks/task-options.ts";
import { type FullTaskRow, fullTaskColumns } from "../../rows/task-rows.ts";
import { stateOf, taskIs } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { CreatedTask, EnqueueAnswer } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { depth, depthLimitOf } from "../engine/queue-depth.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { QueueEntry } from "../rows/queue-table.ts";
import { createPlainInsert, createTaskInsert, type PlainTask } from "./insert-task.ts";
import { taskOf } from "./task-content.ts";
import type { Transitions } from "./transitions.ts";

/** A task as it is written: its content in the forms that the columns hold. */
interface Draft {
  readonly task: NewTask;
  readonly options: string | null;
}

/** What tasks that are enqueued together share. */
interface Batch {
  /** The request ids that a task has already, of the batch or from before; `null`: none is looked for. */
  readonly taken: Set<string> | null;
  /** What is still to be stored: many rows at a time cost half as much. */
  plain: PlainTask[];
}

/** Creates the verb `enqueue` on an open database. */
export function createEnqueue(engine: Engine, transitions: Transitions): SyncVerb<Store["enqueue"]> {
  const { db, queues, changes, keys, leases } = engine;
  const selectByRequest = db.prepare<[string], FullTaskRow>(`SELECT ${fullTaskColumns} FROM task WHERE request_id = ?`);
  const selectByKey = db.prepare<[number, string], FullTaskRow>(
    `SELECT ${fullTaskColumns} FROM task
     WHERE queue_id = +? AND deduplication_key = +? AND deduplication_key IS NOT NULL AND ${taskIs.unfinished}`,
  );
  const selectRequests = db
    .prepare<[string], string>(
      // Told which index to use: the planner does not see that no id of the list is NULL.
      `SELECT request_id FROM json_each(?) CROSS JOIN task INDEXED BY task_request
       ON request_id = value AND request_id IS NOT NULL`,
    )
    .pluck();
  const deleteAfter = db.prepare<[number]>("DELETE FROM task WHERE id > ?");
  const insert = createTaskInsert(db);
  const insertPlain = createPlainInsert(db);

  /** What stands in the way of a new task: the answer to it, or the waiting task that it replaces; `null`: nothing. */
  function conflict({ task, options }: Draft, queue: QueueEntry | undefined): EnqueueAnswer | FullTaskRow | null {
    if (task.requestId !== null) {
      const row = withLease(selectByRequest.get(task.requestId));
      if (row !== undefined) {
        const known = requestOf(row, queues.byId(row.queue_id).name);
        return isSameRequest(known, { ...task, options })
          ? existing(row)
          : { status: "request_id_reused", id: idOfKey(row.id) };
      }
    }
    if (task.deduplicationKey === null || queue === undefined) return null;
    const row = withLease(selectByKey.get(queue.id, task.deduplicationKey));
    if (row === undefined) return null;
    const state = stateOf(row.state);
    switch (judgeDuplicate(task.duplicatePolicy, state)) {
      case "existing":
        return existing(row);
      case "replace":
        return row;
      case "duplicate":
        return { status: "duplicate", id: idOfKey(row.id), state };
    }
  }

  /** A task that was found, as it is once its lease is written. */
  function withLease(row: FullTaskRow | undefined): FullTaskRow | undefined {
    if (row === undefined || !leases.has(row.id)) return row;
    leases.writeOne(row.id);
    return engine.tasks.selectWhole.get(row.id);
  }

  function existing(row: FullTaskRow): EnqueueAnswer {
    return { status: "existing", task: taskOf(row, engine) };
  }

  /** The request ids that a task has already. */
  function takenRequests(tasks: readonly NewTask[]): Set<string> {
    const requestIds = tasks.flatMap(({ requestId }) => requestId ?? []);
    return new Set(requestIds.length === 0 ? [] : selectRequests.all(JSON.stringify(requestIds)));
  }

  /**
   * What all tasks are answered if one of them would be refused; `null`: none would be. It changes nothing: what was done for the
   * tasks before a refused one cannot be undone alone, since the transaction is shared.
   */
  function refusals(tasks: readonly NewTask[]): EnqueueAnswer[] | null {
    const added = new Map<string, number>();
    let isRefused = false;
    const answers = tasks.map((task): EnqueueAnswer => {
      const queue = queues.byName(task.queue);
      const found = conflict(draftOf(task), queue);
      if (found !== null && "status" in found) {
        isRefused ||= found.status !== "existing";
        return found.status === "existing" ? batchRefused : found;
      }
      const before = added.get(task.queue) ?? 0;
      const replaced = found === null ? 0 : 1;
      const waiting = depth(queue) + before - replaced;
      if (waiting >= depthLimitOf(queue, engine)) {
        isRefused = true;
        return { status: "queue_full", depth: waiting };
      }
      added.set(task.queue, before + 1 - replaced);
      return batchRefused;
    });
    return isRefused ? answers : null;
  }

  function enqueueOne(draft: Draft, batch: Batch, nowMs: number): EnqueueAnswer {
    const { task } = draft;
    const known = queues.byName(task.queue);
    const found = mayConflict(task, batch, nowMs) ? conflict(draft, known) : null;
    if (found !== null && "status" in found) return found;

    const queue = known ?? queues.ensure(task.queue, nowMs);
    const waiting = depth(queue) - (found === null ? 0 : 1);
    if (waiting >= depthLimitOf(queue, engine)) return { status: "queue_full", depth: waiting };
    if (found !== null) transitions.finalize(found, "cancelled", serverErrors.replaced, "cancelled", nowMs);

    const { state, scheduleMs, expireMs, laneUntilMs } = initialTimes(task, nowMs);
    const key = keys.next(nowMs);
    queues.move(queue, null, state, null, { priority: task.priority, ready_key: key });
    const maxAttempts = task.maxAttempts ?? queue.settings.maxAttempts;
    const createMs = keys.timeOf(key);
    const created: CreatedTask = { id: idOfKey(key), state, maxAttempts, scheduleMs, expireMs, createMs };
    if (task.requestId !== null) batch.taken?.add(task.requestId);
    if (isPlain(draft)) {
      const { type, priority, requestId, correlationId, sourceService, headers, payload } = task;
      const content = { type, priority, requestId, correlationId, sourceService, headers, payload };
      batch.plain.push({ key, queueId: queue.id, ...content });
      return { status: "created", task: created };
    }
    insert({
      key,
      queueId: queue.id,
      state,
      priority: task.priority,
      readyKey: state === "scheduled" && scheduleMs !== null ? keys.at(scheduleMs) : key,
      scheduleMs,
      expireMs,
      type: task.type,
      requestId: task.requestId,
      deduplicationKey: task.deduplicationKey,
      correlationId: task.correlationId,
      sourceService: task.sourceService,
      options: draft.options,
      headers: task.headers,
      payload: task.payload,
      lane: task.dispatch && laneOf(task.dispatch),
      laneUntilMs,
    });
    if (task.dispatch !== null) queue.lanes.add(laneOf(task.dispatch));
    changes.note(key, state, nowMs);
    return { status: "created", task: created };
  }

  function store(batch: Batch, nowMs: number): void {
    insertPlain(batch.plain);
    for (const { key } of batch.plain) changes.note(key, "pending", nowMs);
    batch.plain = [];
  }

  /** Whether a task stands or may stand in the way; what was put off is stored first, so that it is found. */
  function mayConflict({ requestId, deduplicationKey }: NewTask, batch: Batch, nowMs: number): boolean {
    if (requestId === null || !batch.taken?.has(requestId)) return deduplicationKey !== null;
    store(batch, nowMs);
    return true;
  }

  function enqueueAll(drafts: readonly Draft[], batch: Batch, nowMs: number): EnqueueAnswer[] {
    const answers = drafts.map((draft) => enqueueOne(draft, batch, nowMs));
    store(batch, nowMs);
    return answers;
  }

  /**
   * Stores plain tasks without a look for their request ids: the index finds one that is taken when its row is inserted. In batches of
   * 100 the look costs 0.3 µs a task, of 5 in all.
   *
   * @returns `null` if one is taken or refused, since it may be a repeat, which needs no room; then nothing has changed
   */
  function enqueueUnseen(drafts: readonly Draft[], nowMs: number): EnqueueAnswer[] | null {
    const lastKey = keys.last;
    const batch: Batch = { taken: null, plain: [] };
    const answers = drafts.map((draft) => enqueueOne(draft, batch, nowMs));
    const { plain } = batch;
    try {
      if (plain.length === drafts.length) {
        store(batch, nowMs);
        return answers;
      }
    } catch (error) {
      if (!isTaken(error)) throw error;
      deleteAfter.run(lastKey);
    }
    for (const { queueId } of plain) queues.unmove(queues.byId(queueId));
    return null;
  }

  const isUnseen = (draft: Draft) => isPlain(draft) && queues.byName(draft.task.queue) !== undefined;

  return (tasks, nowMs, atomic) => {
    const refused = atomic ? refusals(tasks) : null;
    if (refused !== null) return refused;
    const drafts = tasks.map(draftOf);
    const answers = drafts.every(isUnseen) ? enqueueUnseen(drafts, nowMs) : null;
    return answers ?? enqueueAll(drafts, { taken: takenRequests(tasks), plain: [] }, nowMs);
  };
}

const batchRefused: EnqueueAnswer = { status: "batch_refused" };

function draftOf(task: NewTask): Draft {
  return { task, options: optionsText(task) };
}

/** Whether it says nothing out of the ordinary. Without options it has no times, so it is PENDING at once. */
function isPlain({ task, options }: Draft): boolean {
  return options === null && task.deduplicationKey === null;
}

/** Whether a row was not inserted since there is one with its request id: of a plain task nothing else is to be unique. */
function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_CONSTRAINT_UNIQUE";
}

/** What the stored task was asked for with. */
function requestOf(row: FullTaskRow, queue: string): RequestContent {
  const { type, payload, headers, deduplication_key: deduplicationKey } = row;
  const { correlation_id: correlationId, source_service: sourceService } = row;
  const asked = askedFor(row.options, { queue, priority: row.priority });
  return { ...asked, type, payload, headers, deduplicationKey, correlationId, sourceService };
}
