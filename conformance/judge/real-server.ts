import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { type Task, type TaskSchema, TaskState } from "../../gen/sitq/v1/task_pb.js";
import type { JsonValue } from "../../src/contract/json-value.ts";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { type Client, createClient } from "../../src/grpc/client/client.ts";
import { freePort, type StartedServer, startServer } from "../../test/harness/server-process.ts";
import { createTempDir, type TempDir } from "../../test/harness/temp-dir.ts";
import { jsonPayload } from "../script/task.ts";

/** How often it is asked whether something is so, in milliseconds. */
const askEveryMs = 100;

/** A sitq server in a process of its own, with a file of its own. */
export class RealServer {
  readonly #dir: TempDir;
  readonly #port: number;
  readonly #channel: GrpcClient;
  readonly #queue: Client<typeof QueueService>;
  #process: StartedServer;

  private constructor(dir: TempDir, port: number, process: StartedServer) {
    this.#dir = dir;
    this.#port = port;
    this.#process = process;
    this.#channel = createChannel(process.address, { options: { "grpc.max_reconnect_backoff_ms": 200 } });
    this.#queue = createClient(QueueService, this.#channel);
  }

  static async start(): Promise<RealServer> {
    const dir = await createTempDir();
    const port = await freePort();
    return new RealServer(dir, port, await run(dir, port));
  }

  get address(): string {
    return this.#process.address;
  }

  /** Kills it and starts it again on the same port and file. */
  async killAndRestart(): Promise<void> {
    await this.#process.kill();
    this.#process = await run(this.#dir, this.#port);
  }

  /** Enqueues a task and answers its id. */
  async enqueue(
    queue: string,
    type: string,
    payload: JsonValue,
    overrides: MessageInitShape<typeof TaskSchema> = {},
  ): Promise<string> {
    const task = { queue, type, payload: jsonPayload(payload), ...overrides };
    return (await this.#queue.enqueue({ task })).task?.id ?? "";
  }

  /** Enqueues tasks of one type; each gets its number as the payload `{"n": 3, …}`. */
  async enqueueAll(
    queue: string,
    type: string,
    count: number,
    payload: Readonly<Record<string, JsonValue>> = {},
  ): Promise<string[]> {
    const requests = Array.from({ length: count }, (_, n) => ({
      task: { queue, type, payload: jsonPayload({ ...payload, n }) },
    }));
    const { results } = await this.#queue.enqueueBatch({ requests });
    return results.map(({ task }) => task?.id ?? "");
  }

  async task(taskId: string): Promise<Task> {
    const { task } = await this.#queue.getTask({ taskId }, { timeoutMs: 5_000 });
    if (task === undefined) throw new Error(`GetTask answers nothing for ${taskId}`);
    return task;
  }

  /** The tasks of a queue, newest first; at most 1000. */
  async tasks(queue: string): Promise<readonly Task[]> {
    return (await this.#queue.listTasks({ filter: { queue }, pageSize: 1_000 })).tasks;
  }

  /** Resolves once every task of a queue is finished, or after a time, with how many are not. */
  async unfinished(queue: string, waitMs: number): Promise<number> {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const tasks = await this.tasks(queue);
      const left = tasks.filter(({ state }) => !finished.includes(state)).length;
      if (left === 0 || performance.now() >= untilMs) return left;
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
  }

  async stop(): Promise<void> {
    this.#channel.close();
    await this.#process.kill();
    await this.#dir.remove();
  }
}

const finished: readonly TaskState[] = [TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED];

function run(dir: TempDir, port: number): Promise<StartedServer> {
  const args = ["--log-level", "warn", "--lease-duration", "6s", "--heartbeat-interval", "2s"];
  return startServer({ db: dir.file("sitq.db"), listen: `127.0.0.1:${port}`, args });
}
