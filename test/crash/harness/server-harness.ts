import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, onTestFinished } from "vitest";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { AttemptOutcome, type Task, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { type Client, createClient } from "../../../src/grpc/client/client.ts";
import { freePort, type ServerProcess, startServer } from "../../harness/server-process.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { readCopy, type StoredTask } from "./offline.ts";

/** A server in a process of its own, on a port that it keeps through restarts. It is gone at the end of the test. */
export interface ServerHarness {
  readonly address: string;
  readonly server: ServerProcess;
  readonly queue: Client<typeof QueueService>;
  readonly worker: Client<typeof WorkerService>;
  /** Starts a server again on the same file, once the one before has ended. */
  restart(): Promise<void>;
  /** Kills the server, and reads how a task stands in the file that it leaves. */
  killAndRead(taskId: string): Promise<StoredTask>;
  /** Stores a task in the queue `crash` and answers its id. */
  enqueue(type: string, maxAttempts?: number): Promise<string>;
  /** How a task stands, and what became of its attempts. */
  read(taskId: string): Promise<{ readonly state: string; readonly attempts: readonly string[] }>;
  /** The same once it is finished. */
  finished(taskId: string): Promise<{ readonly state: string; readonly attempts: readonly string[] }>;
}

/** Leases that end while a test waits for it. */
export const shortLeases = ["--lease-duration", "2s", "--heartbeat-interval", "500ms"];

/** Starts a server. */
export async function startServerHarness(args: readonly string[]): Promise<ServerHarness> {
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const address = `127.0.0.1:${await freePort()}`;
  const options = { db: dir.file("sitq.db"), listen: address, args };
  let server = await startServer(options);
  let copies = 0;
  onTestFinished(async () => void (await server.kill()));
  const channel = createChannel(address, {
    options: { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 200 },
  });
  onTestFinished(() => channel.close());
  const queue = createClient(QueueService, channel);

  return {
    address,
    get server() {
      return server;
    },
    queue,
    worker: createClient(WorkerService, channel),
    async restart() {
      await server.exited;
      server = await startServer(options);
    },
    async killAndRead(taskId) {
      await server.kill();
      return readCopy(options.db, dir.file(`left-${copies++}.db`), taskId);
    },
    async enqueue(type, maxAttempts = 0) {
      const { task } = await queue.enqueue({ task: { queue: "crash", type, maxAttempts } });
      return task?.id ?? expect.unreachable("no task in the answer");
    },
    read: async (taskId) => outline((await queue.getTask({ taskId })).task),
    finished: async (taskId) =>
      outline((await queue.awaitTask({ taskId, timeout: durationFromMs(20_000) }, { timeoutMs: 25_000 })).task),
  };
}

function outline(task: Task | undefined) {
  if (task === undefined) return expect.unreachable("no task in the answer");
  const attempts = task.attempts.map(
    ({ attempt, workerId, outcome }) => `${attempt} ${workerId} ${AttemptOutcome[outcome]}`,
  );
  return { state: TaskState[task.state] ?? "", attempts };
}
