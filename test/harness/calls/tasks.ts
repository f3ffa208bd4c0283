import { fromJson, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import { type Duration, ValueSchema } from "@bufbuild/protobuf/wkt";
import type { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import type { Queue } from "../../../gen/sitq/v1/queue_pb.js";
import type { Task, TaskSchema } from "../../../gen/sitq/v1/task_pb.js";
import type { TestServer } from "../server.ts";

/** What of a server is needed here. */
type Queues = Pick<TestServer, "queue">;
/** A task as a producer writes it. */
export type TaskInit = Exclude<MessageInitShape<typeof TaskSchema>, Task>;

/** Enqueues a task of the queue `orders`, with what a test changes of it. */
export async function enqueue({ queue }: Queues, task: TaskInit = {}): Promise<Task> {
  return present((await queue.enqueue({ task: { queue: "orders", type: "ship", ...task } })).task);
}

/** Enqueues several in batches; answers them in order. */
export async function enqueueMany(
  { queue }: Queues,
  count: number,
  task: TaskInit = {},
  batch = 1_000,
): Promise<Task[]> {
  const tasks: Task[] = [];
  while (tasks.length < count) {
    const size = Math.min(batch, count - tasks.length);
    const requests = Array.from({ length: size }, () => ({ task: { queue: "orders", type: "ship", ...task } }));
    const { results } = await queue.enqueueBatch({ requests });
    tasks.push(...results.map((result) => present(result.task)));
  }
  return tasks;
}

/** A task as it is now, whole. */
export async function read({ queue }: Queues, { id }: Pick<Task, "id">): Promise<Task> {
  return present((await queue.getTask({ taskId: id })).task);
}

/** A queue as it is now. */
export async function readQueue({ queue }: Queues, name = "orders"): Promise<Queue> {
  return present((await queue.getQueue({ name })).queue);
}

/** What an answer must hold. */
export function present<T>(value: T | null | undefined): T {
  if (value === undefined || value === null) throw new Error("The answer does not hold it");
  return value;
}

/** A JSON payload. */
export function json(value: JsonValue): MessageInitShape<typeof PayloadSchema> {
  return { kind: { case: "json", value: fromJson(ValueSchema, value) } };
}

/** A payload of so many bytes. */
export function bytes(length: number): MessageInitShape<typeof PayloadSchema> {
  return { kind: { case: "binary", value: new Uint8Array(length).fill(7) } };
}

/** A span as the wire has it. */
export function span(ms: number): { seconds: bigint; nanos: number } {
  const seconds = Math.floor(ms / 1_000);
  return { seconds: BigInt(seconds), nanos: Math.round(ms - seconds * 1_000) * 1_000_000 };
}

/** A time or span of the wire in milliseconds. */
export function ms(value: Pick<Duration, "seconds" | "nanos"> | undefined): number {
  const { seconds, nanos } = present(value);
  return Number(seconds) * 1_000 + nanos / 1_000_000;
}
