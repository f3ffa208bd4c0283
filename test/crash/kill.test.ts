import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { AttemptOutcome, type Task, type TaskAttempt, TaskState } from "../../gen/sitq/v1/task_pb.js";
import { createClient } from "../../src/grpc/client/client.ts";
import type { SeededRandom } from "../harness/seeded-random.ts";
import { faultsMs } from "./harness/data/database-faults.ts";
import { createHistory, type History } from "./harness/history.ts";
import { judge, type Remains } from "./harness/judge.ts";
import { type KillHarness, startKillHarness } from "./harness/kill-harness.ts";
import { LimitWatch, limitedQueue, mostRunning } from "./harness/limited-queue.ts";
import { acknowledgedBy } from "./harness/offline.ts";
import { cancelSome, produceBatches, produceOnStream, produceSingly } from "./harness/producers.ts";
import { answerOf } from "./harness/until-answered.ts";
import { workByCalls, workOnStream } from "./harness/workers.ts";
import { writeFaults, writeHistoryOf } from "./harness/write-faults.ts";

/** How often the server is killed: SITQ_CRASH_KILLS, 6 by default; `npm run torture -- kill` takes 20. */
const kills = Number(process.env.SITQ_CRASH_KILLS ?? 6);

/** When a server is killed, counted from its start or from the moment when it listens. */
interface Moment {
  readonly from: "start" | "listening";
  /** Of the time that a start takes, or of `longestLifeMs`. */
  readonly share: number;
}

const longestLifeMs = 1_200;
/** On a machine that does a dozen other things; 400 ms is usual. */
const longestStartMs = 30_000;
const queues = ["crash-a", "crash-b"] as const;

/** A third of the kills comes while the server starts, that is, while it recovers from the one before. */
function momentsOf(random: SeededRandom): Moment[] {
  return Array.from({ length: kills }, (_, index) => ({
    from: index % 3 === 2 ? "start" : "listening",
    share: random.next(),
  }));
}

it(
  `loses nothing and does nothing twice through ${kills} kills`,
  async () => {
    const harness = await startKillHarness();
    const { channel, random } = harness;
    const stopProducing = new AbortController();
    const stopWorking = new AbortController();
    const history = createHistory();
    const limit = new LimitWatch(history);
    const queue = { name: limitedQueue, maxRunning: mostRunning };
    await createClient(QueueService, channel).updateQueue({ queue, allowMissing: true });
    const load = { channel, history, random, queues, stop: stopProducing.signal };
    const producing = [
      ...["p1", "p2", "p3", "p4"].map((name) => produceSingly(load, name)),
      produceBatches(load, "b1"),
      produceOnStream(load, ["s1", "s2", "s3"]),
      cancelSome(load),
    ];
    const streams = [4, 16, 32].map((capacity, index) =>
      workOnStream({ ...load, address: harness.from(index), limit }, `stream-${capacity}`, capacity),
    );
    const working = ["calls-1", "calls-2"].map((id) => workByCalls({ ...load, stop: stopWorking.signal }, id));

    // The kills.
    let startMs = 500;
    let duringStart = 0;
    let listens = true;
    for (const { from, share } of momentsOf(random)) {
      if (from === "listening") {
        await started(harness);
        await pause(share * longestLifeMs);
      } else {
        await pause(share * startMs);
      }
      if (!listens) duringStart++;
      const next = await harness.kill(acknowledgedBy(history), from === "start");
      history.kills++;
      await harness.hurt(history.kills, kills, () => acknowledgedBy(history));
      const spawnedMs = performance.now();
      listens = false;
      next.started.then(
        () => {
          startMs = performance.now() - spawnedMs;
          listens = true;
        },
        () => undefined,
      );
    }

    // The healing: everything that was begun is answered, and every task comes to its end.
    await started(harness);
    stopProducing.abort();
    await Promise.all(producing);
    const remains = await readAll(channel, history);
    stopWorking.abort();
    await Promise.all([...working, ...streams.map((worker) => worker.stop())]);

    const { counts, recovered, ...faults } = judge(history, remains, harness);
    report({ seed: harness.seed, duringStart, faults, recovered, counts, history });
    writeFaults(faults);
    writeHistoryOf(faults, history, remains);
    expect(faults).toEqual({ lost: [], unexpected: [], duplicated: [] });
    // While the database cannot be reached nobody can take up again what it holds, and that may last longer than a lease. And a worker that
    // goes to another server does not hear there of what never arrived.
    if (faultsMs === 0 && harness.from(0).length === 1) expect(leasesLostByStreams(remains)).toEqual([]);
    expect(counts.tasks).toBeGreaterThan(kills * 10);
    expect(counts.outcomes).toBeGreaterThan(kills * 10);
    expect(await countedByQueues(channel, history)).toEqual(countedFrom(remains.listed));

    expect(await harness.stop(acknowledgedBy(history))).toEqual([]);
  },
  120_000 + kills * 15_000 + faultsMs,
);

/** A server that neither listens nor ends is a finding of its own. */
async function started(harness: KillHarness): Promise<void> {
  const patience = new AbortController();
  const tooLate = pause(longestStartMs, undefined, { signal: patience.signal }).then(() => {
    throw new Error(`a server neither listens nor ends:\n${harness.log()}`);
  });
  try {
    await Promise.race([harness.started(), tooLate]);
  } finally {
    tooLate.catch(() => undefined);
    patience.abort();
  }
}

/** Waits for the end of every task that was answered, and reads everything. */
async function readAll(channel: GrpcClient, history: History): Promise<Remains> {
  const client = createClient(QueueService, channel);
  const listed = async () => {
    const tasks: Task[] = [];
    let pageToken = "";
    do {
      const page = await answerOf(history, () => client.listTasks({ pageSize: 1_000, pageToken }));
      tasks.push(...page.tasks);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return tasks;
  };
  const ids = new Set([...history.enqueues.values()].flatMap(({ taskIds }) => taskIds));
  for (const { id } of await listed()) ids.add(id);
  const read = new Map<string, Task>();
  /** Answers those that have not ended after one wait. */
  const readEach = async (waiting: string[]) => {
    const unfinished: string[] = [];
    const reader = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const wait = { taskId: id, timeout: durationFromMs(20_000) };
        const { task } = await answerOf(history, () => client.awaitTask(wait, { timeoutMs: 30_000 }));
        if (task !== undefined) read.set(id, task);
        if (task?.finishTime === undefined) unfinished.push(id);
      }
    };
    await Promise.all(Array.from({ length: 64 }, reader));
    return unfinished;
  };
  // On a busy machine the queue is longer than one wait: as long as others end, what has not is waited for once more.
  let before = Number.POSITIVE_INFINITY;
  for (let left = [...ids]; left.length > 0 && left.length < before; ) {
    before = left.length;
    left = await readEach(left);
  }
  return { listed: await listed(), read };
}

/**
 * A stream's leases outlive the server: whoever comes back in time loses none. Only what was handed out twice, and never arrived
 * since the server was killed both times, counts as lost the second time.
 */
function leasesLostByStreams({ read }: Remains): string[] {
  return [...read.values()].flatMap(({ id, attempts }) =>
    attempts
      .filter(({ outcome, workerId, attempt }, index) => {
        const before = attempts[index - 1];
        const neverArrived = before?.outcome === AttemptOutcome.RELEASED && before.attempt === attempt;
        return outcome === AttemptOutcome.LEASE_LOST && workerId.startsWith("stream-") && !neverArrived;
      })
      .map(({ attempt, workerId }) => `${id}/${attempt} of ${workerId}: ${attempts.map(outline).join(", ")}`),
  );
}

function outline({ attempt, workerId, outcome }: TaskAttempt): string {
  return `${attempt} ${workerId} ${AttemptOutcome[outcome]}`;
}

const countedStates = {
  scheduled: TaskState.SCHEDULED,
  pending: TaskState.PENDING,
  running: TaskState.RUNNING,
  completed: TaskState.COMPLETED,
  failed: TaskState.FAILED,
  cancelled: TaskState.CANCELLED,
} as const;

type Counts = Record<string, Record<string, number>>;

async function countedByQueues(channel: GrpcClient, history: History): Promise<Counts> {
  const client = createClient(QueueService, channel);
  const { queues: found } = await answerOf(history, () => client.listQueues({}));
  const counts = found.map(({ name, statistics }) => {
    const { scheduled, pending, running, completed, failed, cancelled } = statistics ?? expect.unreachable(name);
    const all = { scheduled, pending, running, completed, failed, cancelled };
    return [name, Object.fromEntries(Object.entries(all).map(([state, count]) => [state, Number(count)]))] as const;
  });
  return Object.fromEntries(counts);
}

function countedFrom(tasks: readonly Task[]): Counts {
  const counts = [...queues, limitedQueue].map((queue) => {
    const ofQueue = tasks.filter((task) => task.queue === queue);
    const byState = Object.entries(countedStates).map(
      ([name, state]) => [name, ofQueue.filter((task) => task.state === state).length] as const,
    );
    return [queue, Object.fromEntries(byState)] as const;
  });
  return Object.fromEntries(counts);
}

interface Report {
  readonly seed: number;
  readonly duringStart: number;
  readonly faults: { readonly [fault: string]: readonly string[] };
  readonly recovered: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly history: History;
}

function report({ seed, duringStart, faults, recovered, counts, history }: Report): void {
  const list = (numbers: Iterable<readonly [string, number]>) =>
    Array.from(numbers, ([name, count]) => `${name} ${count}`).join(", ");
  const found = list(Object.entries(faults).map(([name, each]) => [name, each.length] as const));
  process.stdout.write(
    `crash test, seed ${seed}: ${kills} kills, ${duringStart} of them during a start\n` +
      `  ${found}, recovered ${recovered}\n` +
      `  ${list(Object.entries(counts))}\n` +
      `  without an answer: ${list(history.unanswered)}\n`,
  );
}
