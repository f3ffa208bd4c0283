/** The program of the TypeScript SDK that the conformance kit judges; README.md says what it has to do. */

import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
  CallError,
  connect,
  createProducer,
  createWorker,
  type Handler,
  type HandlerContext,
  handle,
  jsonTask,
  RetryLaterError,
  type SitqClient,
  TerminalError,
} from "../../src/client/index.ts";

const [mode, ...args] = process.argv.slice(2);
const { values } = parseArgs({
  args,
  options: {
    address: { type: "string" },
    queue: { type: "string" },
    capacity: { type: "string" },
    count: { type: "string" },
    "worker-id": { type: "string" },
    grace: { type: "string", default: "5" },
    deadline: { type: "string", default: "30" },
    "tls-ca": { type: "string" },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
    "token-file": { type: "string" },
  },
});

/** Written at once, so that the line is there whatever the program does next. */
function say(event: string, facts: object = {}): void {
  writeSync(1, `${JSON.stringify({ event, ...facts })}\n`);
}

function connectToServer(): SitqClient {
  const { address = "", "tls-ca": caFile, "tls-cert": certFile, "tls-key": keyFile, "token-file": tokenFile } = values;
  return connect({
    address,
    ...(caFile !== undefined && { tls: { caFile, ...(certFile && { certFile }), ...(keyFile && { keyFile }) } }),
    ...(tokenFile !== undefined && { tokenFile }),
  });
}

interface Pause {
  readonly seconds: number;
}

/** Tells of the beginning and the end of a handler. */
function told<In, Out>(handler: Handler<In, Out>): Handler<In, Out> {
  return async (payload: In, context: HandlerContext) => {
    const { id: task, attempt } = context.task;
    say("started", { task, attempt });
    try {
      const result = await handler(payload, context);
      say("ended", { task, attempt, how: "returned" });
      return result;
    } catch (error) {
      say("ended", { task, attempt, how: context.signal.aborted ? "cancelled" : "failed" });
      throw error;
    }
  };
}

async function pause(payload: Pause, { signal }: HandlerContext): Promise<Pause> {
  await sleep(payload.seconds * 1_000, undefined, { signal });
  return payload;
}

const typed = jsonTask<{ name: string; count: number }, { name: string; count: number }>("typed", {
  parseInput(value) {
    const { name, count } = value as { readonly name?: unknown; readonly count?: unknown };
    if (typeof name !== "string") throw new TypeError("name: expected a text");
    if (!Number.isInteger(count)) throw new TypeError("count: expected a whole number");
    return { name, count: count as number };
  },
});

const handlers = [
  handle(
    jsonTask<unknown, unknown>("echo"),
    told((payload) => payload),
  ),
  handle(
    jsonTask<{ message: string }, never>("fail"),
    told(({ message }) => {
      throw new Error(message);
    }),
  ),
  handle(
    jsonTask<{ message: string }, never>("fail-terminal"),
    told(({ message }) => {
      throw new TerminalError(message);
    }),
  ),
  handle(
    jsonTask<Pause, never>("retry-after"),
    told(({ seconds }) => {
      throw new RetryLaterError("not yet", seconds * 1_000);
    }),
  ),
  handle(jsonTask<Pause, Pause>("sleep"), told(pause)),
  handle(
    jsonTask<Pause, Pause>("block"),
    told((payload) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, payload.seconds * 1_000);
      return payload;
    }),
  ),
  handle(
    jsonTask<{ bytes: number }, string>("large"),
    told(({ bytes }) => "x".repeat(bytes)),
  ),
  handle(
    jsonTask<Pause & { fraction: number; message: string }, Pause>("progress"),
    told((payload, context) => {
      context.progress(payload.fraction, payload.message);
      return pause(payload, context);
    }),
  ),
  handle(
    typed,
    told((payload) => payload),
  ),
];

async function work(queue: string, capacity: number): Promise<number> {
  const client = connectToServer();
  const workerId = values["worker-id"];
  const worker = createWorker(client, { queues: [queue], capacity, handlers, ...(workerId && { workerId }) });
  process.once("SIGTERM", () => void worker.stop({ graceMs: Number(values.grace) * 1_000 }));
  worker.start().catch(() => undefined);
  const refused = await worker.ended;
  if (refused === null) {
    say("closed");
    client.close();
    return 0;
  }
  // The handlers that were cancelled tell of their ends first.
  await sleep(50);
  say("refused", { code: refused.codeName, reason: refused.reason });
  return 3;
}

async function produce(queue: string, count: number): Promise<number> {
  const client = connectToServer();
  const producer = createProducer(client, { retryTimeoutMs: Number(values.deadline) * 1_000 });
  const enqueue = async (n: number): Promise<boolean> => {
    try {
      const { id: task, created } = await producer.enqueue(queue, "echo", { n });
      say("enqueued", { n, task, created });
      return true;
    } catch (thrown) {
      if (!(thrown instanceof CallError)) throw thrown;
      const { codeName: code, reason, field, retryAfterMs, message } = thrown;
      say("failed", {
        n,
        code,
        reason,
        field,
        retry_after: retryAfterMs === null ? null : retryAfterMs / 1_000,
        message,
      });
      return false;
    }
  };
  const stored = await Promise.all(Array.from({ length: count }, (_, n) => enqueue(n)));
  await producer.close();
  client.close();
  return stored.every(Boolean) ? 0 : 1;
}

const { address, queue, capacity, count } = values;
if (mode === "worker" && address && queue && capacity) process.exit(await work(queue, Number(capacity)));
if (mode === "producer" && address && queue && count) process.exit(await produce(queue, Number(count)));
process.exit(2);
