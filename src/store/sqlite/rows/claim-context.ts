import type Database from "better-sqlite3";
import type { StoredEvent } from "../../../domain/events/event.ts";
import { idOfKey } from "../../../domain/ids.ts";
import type { KeySequence } from "../../../domain/key-sequence.ts";
import type { ClaimedStep, TaskOrigin } from "../../../domain/tasks/task.ts";
import { eventOf } from "../../rows/event-rows.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { type PlannedStep, stepKey, stepNumber } from "../../rows/workflow-rows.ts";
import { bytesChecksum, DataLoss } from "./checksums.ts";
import type { Damages } from "./damages.ts";
import { type FullEventRow, fullEventColumns, isReadable, readEventOf } from "./event-rows.ts";
import type { Plans } from "./plans.ts";
import { createRecentEvents, type DeliverableEvent } from "./recent-events.ts";

/** The part of a task's row that says what it belongs to. */
export type OriginRow = Pick<TaskRow, "id" | "event_key" | "subscription_id" | "workflow_id" | "undoes">;

/** What tasks belong to: the events that they deliver, the workflows whose steps they are. */
export interface Origins {
  /** `null`: a producer enqueued the task. */
  of(row: OriginRow): TaskOrigin | null;
  /** The event that the task delivers, whole, as it is read; `null`: it delivers none. */
  eventOf(row: OriginRow): StoredEvent | null;
  /** What a worker is given that does not stand in the task's own row, and how many bytes of it there are. */
  claimContext(row: OriginRow): ClaimContext;
}

/** What a worker is given beside a task's own content. */
export interface ClaimContext {
  readonly origin: TaskOrigin | null;
  /** Without its data. */
  readonly event: StoredEvent | null;
  /** The event's data. */
  readonly data: Uint8Array | null;
  readonly step: ClaimedStep | null;
  readonly bytes: number;
  /** All of it fits its checksum; of what an older version stored, that is not known. */
  readonly isVerified: boolean;
}

/** Bytes with their checksum. */
interface CheckedBytes {
  readonly bytes: Uint8Array | null;
  readonly checksum: number | null;
}

function sound<Row extends CheckedBytes>(key: number, row: Row | undefined): Row {
  if (row === undefined) throw new DataLoss(`no row ${key}`);
  const { bytes, checksum } = row;
  if (checksum !== null && checksum !== bytesChecksum(key, bytes)) throw new DataLoss(`the bytes of ${key}`);
  return row;
}

function isVerified({ bytes, checksum }: CheckedBytes): boolean {
  return bytes === null || checksum !== null;
}

type EventName = Pick<StoredEvent, "id" | "sourceService">;

const nothing: ClaimContext = { origin: null, event: null, data: null, step: null, bytes: 0, isVerified: true };

/** Creates the origins of tasks in an open database. */
export function createOrigins(db: Database.Database, plans: Plans, keys: KeySequence, damages: Damages): Origins {
  const selectEventName = db.prepare<[number], EventName>(
    "SELECT event_id AS id, source_service AS sourceService FROM event WHERE id = ?",
  );
  const selectEvent = db.prepare<[number], FullEventRow>(`SELECT ${fullEventColumns} FROM event WHERE id = ?`);
  const selectSubscription = db.prepare<[number], string>("SELECT name FROM subscription WHERE id = ?").pluck();
  const selectInput = db.prepare<[number], CheckedBytes>(
    "SELECT input AS bytes, input_checksum AS checksum FROM workflow WHERE id = ?",
  );
  const selectResult = db.prepare<[number], CheckedBytes & { readonly traceparent: string | null }>(
    "SELECT result AS bytes, result_checksum AS checksum, traceparent FROM task WHERE id = ?",
  );
  const recentEvents = createRecentEvents(readEvent);
  /** Subscriptions keep their names, and no number comes twice. */
  const subscriptionNames = new Map<number, string>();

  function subscriptionName(id: number): string {
    const known = subscriptionNames.get(id);
    if (known !== undefined) return known;
    const name = selectSubscription.get(id);
    // Of a damaged row: it is listed all the same.
    if (name === undefined) return "";
    subscriptionNames.set(id, name);
    return name;
  }

  function readEvent(key: number): DeliverableEvent {
    const row = selectEvent.get(key);
    if (row === undefined) throw new DataLoss(`no event ${key}`);
    if (!isReadable(row)) throw new DataLoss(`event ${key}`);
    return { event: { ...eventOf(row, keys), data: null }, data: row.data, isVerified: row.checksum !== null };
  }

  function plannedStep(row: OriginRow, workflowId: number): PlannedStep {
    const step = plans.of(workflowId).steps[stepNumber(row, workflowId)];
    if (step === undefined) throw new DataLoss(`task ${row.id} is no step of workflow ${workflowId}`);
    return step;
  }

  function stepOrigin(row: OriginRow, workflowId: number): TaskOrigin {
    // Of a damaged plan the ids are not known; the task is listed all the same.
    const stepId = plans.of(workflowId).steps[stepNumber(row, workflowId)]?.stepId ?? "";
    return { kind: "step", workflowId: idOfKey(workflowId), stepId, isCompensation: row.undoes !== null };
  }

  function deliveryOrigin(row: OriginRow, { id: eventId, sourceService }: EventName): TaskOrigin {
    return { kind: "delivery", eventId, sourceService, subscription: subscriptionName(row.subscription_id ?? 0) };
  }

  function contextOfStep(row: OriginRow, workflowId: number): ClaimContext {
    const { name, steps, isSound: isPlanSound } = plans.of(workflowId);
    if (!isPlanSound) throw new DataLoss(`the plan of workflow ${workflowId}`);
    const step = plannedStep(row, workflowId);
    const results: Record<string, Uint8Array | null> = {};
    const traceparents: Record<string, string> = {};
    const waitedFor = row.undoes === null ? step.dependsOn : [row.undoes];
    const input = step.hasExpressions ? sound(workflowId, selectInput.get(workflowId)) : null;
    let bytes = input?.bytes?.length ?? 0;
    let areVerified = input === null || isVerified(input);
    for (const number of row.undoes === null ? step.reads : [...step.reads, row.undoes]) {
      const key = stepKey(workflowId, number);
      const result = sound(key, selectResult.get(key));
      const { stepId = "" } = steps[number] ?? {};
      results[stepId] = result.bytes;
      if (result.traceparent !== null && waitedFor.includes(number)) traceparents[stepId] = result.traceparent;
      bytes += result.bytes?.length ?? 0;
      areVerified &&= isVerified(result);
    }
    const traced = Object.keys(traceparents).length === 0 ? null : { traceparents };
    const expressions = input && { workflowName: name, input: input.bytes };
    const origin = stepOrigin(row, workflowId);
    return {
      origin,
      event: null,
      data: null,
      step: { results, ...traced, expressions },
      bytes,
      isVerified: areVerified,
    };
  }

  return {
    of(row) {
      if (row.workflow_id !== null) return stepOrigin(row, row.workflow_id);
      if (row.event_key === null) return null;
      return deliveryOrigin(row, selectEventName.get(row.event_key) ?? { id: "", sourceService: "" });
    },

    eventOf(row) {
      const event = row.event_key === null ? undefined : selectEvent.get(row.event_key);
      return event === undefined ? null : readEventOf(event, keys, damages);
    },

    claimContext(row) {
      if (row.workflow_id !== null) return contextOfStep(row, row.workflow_id);
      if (row.event_key === null) return nothing;
      const { event, data, isVerified } = recentEvents.get(row.event_key);
      const origin = deliveryOrigin(row, event);
      return { origin, event, data, step: null, bytes: data?.length ?? 0, isVerified };
    },
  };
}
