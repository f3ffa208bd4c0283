import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import { SettleStatus, WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { callErrorFrom } from "../../../src/grpc/client/call-error.ts";
import { createClient } from "../../../src/grpc/client/client.ts";
import type { SeededRandom } from "../../harness/seeded-random.ts";
import type { Fate, History, OutcomeRecord } from "./history.ts";
import { type LimitWatch, limitedQueue } from "./limited-queue.ts";
import type { Load } from "./producers.ts";
import { type Lease, type OutcomeInit, type StreamWorker, startStreamWorker } from "./stream-worker.ts";
import { noteUnanswered, untilAnswered } from "./until-answered.ts";

/** What is done with an attempt, and after how long. */
interface Deed {
  readonly kind: OutcomeRecord["kind"];
  readonly terminal?: boolean;
  readonly delayMs: number;
}

/** What a worker does with a task, by the fate that its type names. */
function deedFor({ type, attempt }: Pick<Task, "type" | "attempt">, random: SeededRandom): Deed {
  const delayMs = random.integer(0, 30);
  const fate = type as Fate;
  switch (fate) {
    case "complete":
      return { kind: "completed", delayMs };
    case "linger":
      return { kind: "completed", delayMs: random.integer(100, 600) };
    case "cancel":
      return { kind: "completed", delayMs: random.integer(0, 2_000) };
    case "fail-twice":
      return { kind: attempt <= 2 ? "failed" : "completed", delayMs };
    case "fail-for-good":
      return { kind: "failed", terminal: true, delayMs };
    case "exhaust":
      return { kind: "failed", delayMs };
    case "give-back":
      // Seldom often in a row: the pause before a task is offered again grows with each.
      return { kind: random.chance(0.2) ? "released" : "completed", delayMs };
  }
}

/** Makes the record of an outcome. */
function recordOutcome(
  history: History,
  workerId: string,
  { taskId, attempt }: Lease,
  kind: OutcomeRecord["kind"],
  isForged = false,
): OutcomeRecord {
  const nonce = `${workerId}/${taskId}/${attempt}/${history.outcomes.length}`;
  const record: OutcomeRecord = { taskId, attempt, workerId, kind, nonce, isForged, answers: [], killsWhenStale: 0 };
  history.outcomes.push(record);
  return record;
}

function noteStale({ kills }: History, record: OutcomeRecord): void {
  record.answers.push("stale");
  record.killsWhenStale = kills;
}

const resultOf = (nonce: string) => ({ kind: { case: "binary" as const, value: new TextEncoder().encode(nonce) } });
const errorOf = (nonce: string) => ({ type: "CrashTest", message: nonce });

/** A worker that holds a stream. */
export function workOnStream(
  load: Load & { readonly address: readonly string[]; readonly limit: LimitWatch },
  workerId: string,
  capacity: number,
): StreamWorker {
  const { history, random, queues, address, limit } = load;
  const told = new Map<string, OutcomeRecord>();
  /** What was said twice on one stream. Its second answer may still be to come: nothing else is said under its number. */
  const repeated = new Set<string>();

  function finish(lease: Lease, { kind, terminal = false }: Deed): void {
    // It may have been lost or cancelled meanwhile.
    if (worker.inHand.get(lease.taskId) !== lease.attempt) return;
    limit.left(lease.taskId);
    const record = recordOutcome(history, workerId, lease, kind);
    told.set(`${lease.taskId}/${lease.attempt}`, record);
    const outcome: OutcomeInit =
      kind === "completed"
        ? { case: kind, value: { result: resultOf(record.nonce) } }
        : kind === "failed"
          ? { case: kind, value: { error: errorOf(record.nonce), terminal } }
          : { case: kind, value: {} };
    worker.settle(lease, outcome);
    // A repeat is answered as the first time. Not of what is given back: its number is used again.
    if (kind === "released" || !random.chance(0.1)) return;
    repeated.add(`${lease.taskId}/${lease.attempt}`);
    worker.settle(lease, outcome);
  }

  /** Says of an attempt that failed that it completed: somebody else may have the task by now. */
  function forge(lease: Lease): void {
    const record = recordOutcome(history, workerId, lease, "completed", true);
    told.set(`${lease.taskId}/${lease.attempt}`, record);
    worker.settle(lease, { case: "completed", value: { result: resultOf(record.nonce) } });
  }

  const worker = startStreamWorker({
    address,
    workerId,
    queues: [...queues, limitedQueue],
    capacity,
    events: {
      welcome(_, lost) {
        for (const { taskId } of lost) limit.left(taskId);
      },
      cancelled: ({ taskId }) => limit.left(taskId),
      task(task) {
        const lease = { taskId: task.id, attempt: task.attempt };
        const before = told.get(`${task.id}/${task.attempt}`);
        // Another worker can have given back in between what a kill made forget.
        if (before !== undefined && before.kind !== "released" && before.killsWhenStale === 0) {
          history.unexpected.push(`${before.nonce} ${before.kind} was handed out again with the same attempt`);
        }
        history.handOuts.push({ ...lease, workerId, kills: history.kills });
        if (worker.inHand.size > capacity) history.unexpected.push(`${workerId} holds ${worker.inHand.size} tasks`);
        if (task.queue === limitedQueue) limit.handedOut(task.id, workerId);
        const deed = deedFor(task, random);
        setTimeout(finish, deed.delayMs, lease, deed);
      },
      settled(lease, status) {
        const key = `${lease.taskId}/${lease.attempt}`;
        const record = told.get(key);
        if (status === SettleStatus.SETTLED) record?.answers.push("settled");
        else if (status === SettleStatus.STALE && record !== undefined) noteStale(history, record);
        if (record === undefined || (status !== SettleStatus.SETTLED && status !== SettleStatus.STALE)) {
          history.unexpected.push(`${workerId} heard ${SettleStatus[status]} of ${key}`);
        }
        // The number of an attempt whose outcome was stale may be used again: what is said under it then is not forged.
        const mayForge = status === SettleStatus.SETTLED && record?.kind === "failed" && !repeated.has(key);
        if (mayForge && random.chance(0.3)) setTimeout(forge, random.integer(0, 300), lease);
      },
      disconnected(error) {
        const name = error?.codeName ?? "OK";
        history.unanswered.set(`Work ${name}`, (history.unanswered.get(`Work ${name}`) ?? 0) + 1);
      },
    },
  });
  return worker;
}

const callTimeoutMs = 5_000;

/** A worker without a stream, until it is told to stop. */
export async function workByCalls(load: Load, workerId: string): Promise<void> {
  const { channel, history, random, queues, stop } = load;
  const client = createClient(WorkerService, channel);
  while (!stop.aborted) {
    const claim = {
      workerId,
      queues: [...queues],
      maxTasks: random.integer(1, 4),
      wait: durationFromMs(random.pick([0, 200])),
      leaseDuration: durationFromMs(2_000),
    };
    // Not repeated by itself: another claim is another one, and what came of the lost one ends with its lease.
    const tasks = await client.claimTasks(claim, { timeoutMs: callTimeoutMs }).then(
      (answer) => answer.tasks,
      (thrown: unknown) => {
        const error = callErrorFrom(thrown);
        if (!noteUnanswered(history, error)) history.unexpected.push(`claim of ${workerId}: ${error.message}`);
        return [];
      },
    );
    const { kills } = history;
    for (const task of tasks) history.handOuts.push({ taskId: task.id, attempt: task.attempt, workerId, kills });
    for (const task of tasks) await workOff(task);
    if (tasks.length === 0) await pause(random.integer(20, 80));
  }

  async function workOff(task: Task): Promise<void> {
    const lease = { workerId, taskId: task.id, attempt: task.attempt };
    const { kind, terminal = false, delayMs } = deedFor(task, random);
    await pause(Math.min(delayMs, 200));
    if (random.chance(0.2)) {
      await untilAnswered(history, () => client.extendLease(lease, { timeoutMs: callTimeoutMs }));
    }
    const record = recordOutcome(history, workerId, lease, kind);
    const options = { timeoutMs: callTimeoutMs };
    const outcome = await untilAnswered<{ status: SettleStatus }>(history, () => {
      switch (kind) {
        case "completed":
          return client.completeTask({ ...lease, result: resultOf(record.nonce) }, options);
        case "failed":
          return client.failTask({ ...lease, error: errorOf(record.nonce), terminal }, options);
        case "released":
          return client.releaseTask(lease, options);
      }
    });
    if ("answer" in outcome && outcome.answer.status === SettleStatus.SETTLED) record.answers.push("settled");
    else if ("refusal" in outcome && outcome.refusal.reason === "STALE") noteStale(history, record);
    else history.unexpected.push(`${record.nonce} ${kind}: ${JSON.stringify(outcome)}`);
  }
}
