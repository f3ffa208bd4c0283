import { setTimeout as pause } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { EnqueueRequestSchema, QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { encodeItem } from "../../../src/client/connection/encoded-items.ts";
import { EnqueueStream } from "../../../src/client/connection/enqueue-stream.ts";
import { ServerChoice } from "../../../src/client/servers/server-choice.ts";
import { createClient } from "../../../src/grpc/client/client.ts";
import type { SeededRandom } from "../../harness/seeded-random.ts";
import type { EnqueueRecord, Fate, History } from "./history.ts";
import { limitedQueue } from "./limited-queue.ts";
import { untilAnswered } from "./until-answered.ts";

/** What every client of the crash test is handed. */
export interface Load {
  readonly channel: GrpcClient;
  readonly history: History;
  readonly random: SeededRandom;
  /** Beside `limitedQueue`. */
  readonly queues: readonly [string, ...string[]];
  /** When aborted, nothing new is begun; what is under way is brought to its end. */
  readonly stop: AbortSignal;
}

type EnqueueInit = MessageInitShape<typeof EnqueueRequestSchema>;

/** What an answer says of one task. */
interface StoredTask {
  readonly taskId: string;
  readonly created: boolean;
}

const callTimeoutMs = 5_000;

/** Each as likely as it stands here often. */
const fates = [
  "complete",
  "complete",
  "complete",
  "complete",
  "complete",
  "complete",
  "complete",
  "complete",
  "linger",
  "linger",
  "fail-twice",
  "fail-for-good",
  "exhaust",
  "give-back",
  "cancel",
] as const satisfies readonly Fate[];

const policy = { initialBackoff: durationFromMs(20), maxBackoff: durationFromMs(200), multiplier: 2, jitter: 0.5 };

/** A producer that hands over one task after the other, now and then one that was answered before. */
export async function produceSingly(load: Load, name: string): Promise<void> {
  const client = createClient(QueueService, load.channel);
  const { history, random, stop } = load;
  const answered: { record: EnqueueRecord; request: EnqueueInit }[] = [];
  for (let count = 0; !stop.aborted; count++) {
    const old = random.chance(0.1) ? answered[random.integer(0, answered.length - 1)] : undefined;
    const { record, request } = old ?? newTask(load, `${name}-${count}`);
    const outcome = await untilAnswered(
      history,
      () => client.enqueue(request, { timeoutMs: callTimeoutMs }),
      () => record.tries++,
    );
    if ("refusal" in outcome) history.unexpected.push(`enqueue ${record.requestId}: ${outcome.refusal.message}`);
    else take(history, record, { taskId: outcome.answer.task?.id ?? "", created: outcome.answer.created });
    if (old === undefined) answered.push({ record, request });
    await pause(random.integer(5, 25));
  }
}

/** Stores a batch, and answers the name of each task. */
type SendBatch = (requests: EnqueueInit[]) => Promise<readonly StoredTask[]>;

/** A producer that hands over tasks in batches. */
export function produceBatches(load: Load, name: string): Promise<void> {
  const client = createClient(QueueService, load.channel);
  return produceBy(load, name, async (requests) => {
    const { results } = await client.enqueueBatch({ requests }, { timeoutMs: callTimeoutMs });
    return results.map(({ task, created }) => ({ taskId: task?.id ?? "", created }));
  });
}

/** Producers that hand over tasks in batches on one stream of the SDK's, which all of them share. */
export async function produceOnStream(load: Load, names: readonly string[]): Promise<void> {
  const stream = new EnqueueStream(
    createClient(QueueService, load.channel),
    new ServerChoice({ addresses: ["the server"] }),
  );
  const send = (requests: EnqueueInit[]) => {
    const items = requests.map((request) => encodeItem(EnqueueRequestSchema, request));
    return stream.send({ items, atomic: false, timeoutMs: callTimeoutMs });
  };
  await Promise.all(names.map((name) => produceBy(load, name, send)));
  stream.close();
}

async function produceBy(load: Load, name: string, send: SendBatch): Promise<void> {
  const { history, random, stop } = load;
  for (let count = 0; !stop.aborted; count++) {
    const items = Array.from({ length: random.integer(2, 30) }, (_, index) =>
      newTask(load, `${name}-${count}-${index}`),
    );
    const outcome = await untilAnswered(
      history,
      () => send(items.map(({ request }) => request)),
      () => {
        for (const { record } of items) record.tries++;
      },
    );
    if ("refusal" in outcome) history.unexpected.push(`batch ${name}-${count}: ${outcome.refusal.message}`);
    else for (const [index, { record }] of items.entries()) take(history, record, outcome.answer[index]);
    await pause(random.integer(50, 150));
  }
}

/** An operator who calls off tasks that are waiting for it, and a few that are not. */
export async function cancelSome(load: Load): Promise<void> {
  const client = createClient(QueueService, load.channel);
  const { history, random, stop } = load;
  const seen = new Set<string>();
  while (!stop.aborted) {
    await pause(random.integer(20, 60));
    for (const { requestId, fate, taskIds } of [...history.enqueues.values()].slice(-200)) {
      const [taskId] = taskIds;
      if (taskId === undefined || seen.has(requestId)) continue;
      seen.add(requestId);
      if (fate !== "cancel" && !random.chance(0.02)) continue;
      await cancelOne(client, history, taskId);
    }
  }
}

async function cancelOne(
  client: ReturnType<typeof createClient<typeof QueueService>>,
  history: History,
  taskId: string,
) {
  const record = { taskId, answer: null as "cancelled" | "finished" | null };
  history.cancels.push(record);
  const outcome = await untilAnswered(history, () =>
    client.cancelTask({ taskId, reason: "the test" }, { timeoutMs: callTimeoutMs }),
  );
  if ("answer" in outcome && outcome.answer.task?.state === TaskState.CANCELLED) record.answer = "cancelled";
  else if ("refusal" in outcome && outcome.refusal.reason === "TASK_FINISHED") record.answer = "finished";
  else history.unexpected.push(`cancel ${taskId}: ${JSON.stringify(outcome)}`);
}

function newTask({ history, random, queues }: Load, requestId: string) {
  const fate = random.pick(fates);
  const queue = random.chance(0.1) ? limitedQueue : random.pick(queues);
  const maxAttempts = fate === "exhaust" ? 3 : 50;
  const record: EnqueueRecord = { requestId, queue, fate, maxAttempts, tries: 0, taskIds: [], recovered: false };
  history.enqueues.set(requestId, record);
  const payload = { kind: { case: "binary" as const, value: new TextEncoder().encode(requestId.padEnd(100, ".")) } };
  const delay = random.chance(0.1) ? { delay: durationFromMs(random.integer(1, 1_500)) } : {};
  const task = { queue, type: fate, payload, maxAttempts, retryPolicy: policy, ...delay };
  return { record, request: { requestId, task } };
}

/** Writes down an answer, and says what is wrong with it. */
function take(history: History, record: EnqueueRecord, answer: StoredTask | undefined): void {
  const { requestId, taskIds, tries } = record;
  const id = answer?.taskId;
  if (answer === undefined || !id) {
    history.unexpected.push(`enqueue ${requestId}: no task in the answer`);
    return;
  }
  const isFirst = taskIds.length === 0;
  if (isFirst && !answer.created) {
    if (tries === 1) history.unexpected.push(`enqueue ${requestId}: it was there before the first try`);
    record.recovered = true;
  }
  if (!isFirst && answer.created) history.unexpected.push(`enqueue ${requestId}: stored again after it was answered`);
  taskIds.push(id);
}
