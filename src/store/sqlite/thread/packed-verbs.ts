/**
 * The busiest verbs in the form in which they go from thread to thread: a row of values for each record, and all bytes in one
 * array. As objects with names and arrays of their own they cost three times as much: 3.0 µs for a claimed task there and back,
 * 1.2 so. A table of the fields' names, walked to pack and to unpack, was measured too: two to four times as much, by rows, by
 * columns or in one list.
 */

import type { ClaimedTask, NewTask } from "../../../domain/tasks/task.ts";
import type { ClaimAnswer, ClaimPlan } from "../../claim-plan.ts";
import type { CreatedTask, EnqueueAnswer, SettleAnswer, Settlement } from "../../task-store.ts";
import type { Verbs } from "../engine/verb.ts";
import { type PackedBytes, packBytes, unpackBytes } from "./packed-bytes.ts";

/** The verbs of the engine's thread that take and answer packed records. */
export interface PackedVerbs extends Omit<Verbs, "enqueue" | "claim" | "settle"> {
  enqueue(tasks: PackedNewTasks, nowMs: number, atomic?: boolean): PackedEnqueueAnswer[];
  claim(plan: ClaimPlan, nowMs: number): PackedClaim;
  settle(settlements: PackedSettlements, nowMs: number): PackedSettleAnswer[];
}

/** Lets the verbs take and answer packed records. */
export function packVerbs(verbs: Verbs): PackedVerbs {
  return {
    ...verbs,
    enqueue: (tasks, nowMs, atomic) => verbs.enqueue(unpackNewTasks(tasks), nowMs, atomic).map(packEnqueueAnswer),
    claim: (plan, nowMs) => packClaim(plan.queue, verbs.claim(plan, nowMs)),
    settle: (settlements, nowMs) => verbs.settle(unpackSettlements(settlements), nowMs).map(packSettleAnswer),
  };
}

/** Tasks to be stored. */
export interface PackedNewTasks {
  readonly rows: readonly ReturnType<typeof rowOfNewTask>[];
  readonly payloads: PackedBytes;
}

function rowOfNewTask(task: NewTask) {
  return [
    task.queue,
    task.type,
    task.headers,
    task.priority,
    task.scheduleMs,
    task.delayMs,
    task.expireMs,
    task.timeToLiveMs,
    task.maxAttempts,
    task.retryPolicy,
    task.attemptTimeoutMs,
    task.correlationId,
    task.sourceService,
    task.deduplicationKey,
    task.duplicatePolicy,
    task.requestId,
    task.dispatch,
  ] as const;
}

/** Packs tasks to be stored. */
export function packNewTasks(tasks: readonly NewTask[]): PackedNewTasks {
  return { rows: tasks.map(rowOfNewTask), payloads: packBytes(tasks.map(({ payload }) => payload)) };
}

/** The tasks again. */
export function unpackNewTasks({ rows, payloads }: PackedNewTasks): NewTask[] {
  const unpacked = unpackBytes(payloads);
  return rows.map((row, index) => ({
    queue: row[0],
    type: row[1],
    payload: unpacked[index] ?? null,
    headers: row[2],
    priority: row[3],
    scheduleMs: row[4],
    delayMs: row[5],
    expireMs: row[6],
    timeToLiveMs: row[7],
    maxAttempts: row[8],
    retryPolicy: row[9],
    attemptTimeoutMs: row[10],
    correlationId: row[11],
    sourceService: row[12],
    deduplicationKey: row[13],
    duplicatePolicy: row[14],
    requestId: row[15],
    dispatch: row[16],
  }));
}

type CreatedRow = readonly [id: string, ...state: [CreatedTask["state"], number, number | null, number | null, number]];

/** What became of a task that was to be stored; what was not simply created goes as it is. */
export type PackedEnqueueAnswer = CreatedRow | EnqueueAnswer;

/** Packs what became of a task. */
export function packEnqueueAnswer(answer: EnqueueAnswer): PackedEnqueueAnswer {
  if (answer.status !== "created") return answer;
  const { id, state, maxAttempts, scheduleMs, expireMs, createMs } = answer.task;
  return [id, state, maxAttempts, scheduleMs, expireMs, createMs];
}

/** The answer again. */
export function unpackEnqueueAnswer(packed: PackedEnqueueAnswer): EnqueueAnswer {
  if ("status" in packed) return packed;
  const [id, state, maxAttempts, scheduleMs, expireMs, createMs] = packed;
  return { status: "created", task: { id, state, maxAttempts, scheduleMs, expireMs, createMs } };
}

/** What a claim found. */
export interface PackedClaim {
  readonly queue: string;
  readonly lanes: ClaimAnswer["lanes"];
  readonly short: ClaimAnswer["short"];
  readonly rows: readonly ReturnType<typeof rowOfClaimed>[];
  readonly payloads: PackedBytes;
}

function rowOfClaimed(task: ClaimedTask) {
  return [
    task.id,
    task.type,
    task.headers,
    task.priority,
    task.attempt,
    task.maxAttempts,
    task.attemptTimeoutMs,
    task.expireMs,
    task.correlationId,
    task.sourceService,
    task.origin,
    task.event,
    task.step,
    task.createMs,
    task.workerId,
  ] as const;
}

/** Packs what a claim of a queue found. */
export function packClaim(queue: string, { tasks, short, lanes }: ClaimAnswer): PackedClaim {
  return {
    queue,
    short,
    lanes,
    rows: tasks.map(rowOfClaimed),
    payloads: packBytes(tasks.map(({ payload }) => payload)),
  };
}

/** The answer again. */
export function unpackClaim({ queue, short, lanes, rows, payloads }: PackedClaim): ClaimAnswer {
  const unpacked = unpackBytes(payloads);
  const tasks = rows.map((row, index) => ({
    id: row[0],
    queue,
    type: row[1],
    payload: unpacked[index] ?? null,
    headers: row[2],
    priority: row[3],
    attempt: row[4],
    maxAttempts: row[5],
    attemptTimeoutMs: row[6],
    expireMs: row[7],
    correlationId: row[8],
    sourceService: row[9],
    origin: row[10],
    event: row[11],
    step: row[12],
    createMs: row[13],
    workerId: row[14],
  }));
  return { tasks, short, ...(lanes && { lanes }) };
}

/** The ends of attempts; of those that completed the results are apart, and `null` stands for the outcome. */
export interface PackedSettlements {
  readonly rows: readonly ReturnType<typeof rowOfSettlement>[];
  readonly results: PackedBytes;
}

function rowOfSettlement({ taskId, attempt, workerId, leaseKind, outcome }: Settlement) {
  return [taskId, attempt, workerId, leaseKind, outcome.kind === "completed" ? null : outcome] as const;
}

/** Packs the ends of attempts. */
export function packSettlements(settlements: readonly Settlement[]): PackedSettlements {
  const resultOf = ({ outcome }: Settlement) => (outcome.kind === "completed" ? outcome.result : null);
  return { rows: settlements.map(rowOfSettlement), results: packBytes(settlements.map(resultOf)) };
}

/** The settlements again. */
export function unpackSettlements({ rows, results }: PackedSettlements): Settlement[] {
  const unpacked = unpackBytes(results);
  return rows.map(([taskId, attempt, workerId, leaseKind, outcome], index) => ({
    taskId,
    attempt,
    workerId,
    leaseKind,
    outcome: outcome ?? { kind: "completed", result: unpacked[index] ?? null },
  }));
}

/** What became of a settlement; a task that completed is told by its queue alone. */
export type PackedSettleAnswer = string | SettleAnswer;

/** Packs what became of a settlement. */
export function packSettleAnswer(answer: SettleAnswer): PackedSettleAnswer {
  return answer.status === "settled" && answer.state === "completed" ? answer.queue : answer;
}

/** The answer again. */
export function unpackSettleAnswer(packed: PackedSettleAnswer): SettleAnswer {
  return typeof packed === "string"
    ? { status: "settled", queue: packed, state: "completed", scheduleMs: null }
    : packed;
}
