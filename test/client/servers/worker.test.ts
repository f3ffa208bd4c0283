import { status as statusCode } from "@grpc/grpc-js";
import { expect, onTestFinished, test } from "vitest";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { DrainReason } from "../../../gen/sitq/v1/worker_service_pb.js";
import { CallError, connect, createWorker } from "../../../src/client/index.ts";
import { startProxy, type Proxy as TcpProxy } from "../../harness/proxy.ts";
import { startServer } from "../../harness/server.ts";
import { freePort } from "../../harness/server-process.ts";
import { type FakeServer, shortly, startFakeServer, taskOf } from "../fake-server.ts";
import { createMailbox } from "../mailbox.ts";
import { waitingHandlers } from "../worker/worker-harness.ts";

/** A server behind two proxies, which are two servers that share their data to a worker. */
async function startTwice(address: string) {
  const proxies = [await startProxy(address), await startProxy(address)] as const;
  const used = (): TcpProxy => {
    const [only, ...others] = proxies.filter(({ connections }) => connections > 0);
    if (only === undefined || others.length > 0) return expect.unreachable("the worker is not at one server");
    return only;
  };
  return {
    used,
    other: (proxy: TcpProxy) => (proxy === proxies[0] ? proxies[1] : proxies[0]),
    addresses: proxies.map(({ address }) => address).join(),
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies) await proxy.stop();
    },
  };
}

/** Starts a worker, whose handlers wait for the test. */
function startWorker(address: string, server: FakeServer | null = null) {
  const client = connect({ address, log: "silent" });
  const handlers = waitingHandlers();
  const connects = createMailbox<string>("connect");
  const disconnects = createMailbox<{ reason: string | null | undefined; delayMs: number | null }>("disconnect");
  const worker = createWorker(client, {
    queues: ["q"],
    handlers: {},
    fallback: handlers.handler,
    workerId: "w",
    events: {
      onConnect: connects.put,
      onDisconnect: (error, delayMs) => disconnects.put({ reason: error?.reason, delayMs }),
    },
  });
  onTestFinished(async () => {
    server?.runByItself();
    await worker.stop({ graceMs: 0 });
    client.close();
  });
  worker.start().catch(() => undefined);
  return { worker, handlers, connects, disconnects };
}

/** Two servers that a test plays. */
async function playTwo() {
  const server = await startFakeServer();
  const twice = await startTwice(server.address);
  onTestFinished(() => twice[Symbol.asyncDispose]());
  return { server, ...twice };
}

const drain = (reason: DrainReason) => ({ case: "drain", value: { reason } }) as const;

test("goes to another server at once when its own stops, with what it holds, and reports there", async () => {
  const { server, addresses, used, other } = await playTwo();
  const { worker, handlers, disconnects } = startWorker(addresses, server);
  const first = await server.nextStream();
  first.tasks(taskOf("runs"), taskOf("done"));
  await handlers.begun.next();
  await handlers.begun.next();
  handlers.finish("done/1");
  expect((await first.nextOutcomes()).map(shortly)).toEqual(["done/1 completed"]);
  const left = used();
  first.say(drain(DrainReason.SERVER_STOPPING));
  const second = await server.nextStream();
  expect(await disconnects.next()).toEqual({ reason: "DRAINING", delayMs: 0 });
  expect(await first.over).toBe("cut");
  expect(used()).toBe(other(left));
  expect(second.hello.held.map(({ taskId, attempt }) => `${taskId}/${attempt}`).sort()).toEqual(["done/1", "runs/1"]);
  // What the first one did not confirm.
  expect((await second.nextOutcomes()).map(shortly)).toEqual(["done/1 completed"]);
  handlers.finish("runs/1");
  expect((await second.nextOutcomes()).map(shortly)).toEqual(["runs/1 completed"]);
  expect(handlers.count).toBe(2);
  expect(worker.state).toBe("connected");
});

test("stays with a server that stops when the other one stops too, until it ends the stream", async () => {
  const { server, addresses } = await playTwo();
  const { worker, handlers, disconnects } = startWorker(addresses, server);
  const first = await server.nextStream();
  first.tasks(taskOf("runs"));
  await handlers.begun.next();
  first.say(drain(DrainReason.SERVER_STOPPING));
  const second = await server.nextStream();
  await disconnects.next();
  second.say(drain(DrainReason.SERVER_STOPPING));
  handlers.finish("runs/1");
  second.settle(await second.nextOutcomes());
  expect(worker.state).toBe("draining");
  expect(server.streams.all).toHaveLength(2);
  second.end(new CallError("stopping", { code: statusCode.UNAVAILABLE, reason: "DRAINING" }));
  await server.nextStream();
});

test("stays where an operator drains it", async () => {
  const { server, addresses } = await playTwo();
  const { worker, handlers } = startWorker(addresses, server);
  const stream = await server.nextStream();
  stream.tasks(taskOf("runs"));
  await handlers.begun.next();
  stream.say(drain(DrainReason.OPERATOR));
  handlers.finish("runs/1");
  stream.settle(await stream.nextOutcomes());
  expect(worker.state).toBe("draining");
  expect(server.streams.all).toHaveLength(1);
});

test("stays with the only server until it ends the stream", async () => {
  const server = await startFakeServer();
  const { worker, handlers } = startWorker(server.address, server);
  const stream = await server.nextStream();
  stream.tasks(taskOf("runs"));
  await handlers.begun.next();
  stream.say(drain(DrainReason.SERVER_STOPPING));
  handlers.finish("runs/1");
  stream.settle(await stream.nextOutcomes());
  expect(worker.state).toBe("draining");
  expect(server.streams.all).toHaveLength(1);
});

test.each([
  ["is silent", { heartbeatMs: 50 }, "SERVER_SILENT"],
  ["ends the stream", {}, null],
] as const)("goes to another server at once when its own %s", async (_, welcome, reason) => {
  const { server, addresses, used, other } = await playTwo();
  const { disconnects } = startWorker(addresses, server);
  const first = await server.streams.next();
  first.welcome(welcome);
  const left = used();
  if (reason === null) first.end();
  const second = await server.nextStream();
  expect(await disconnects.next()).toEqual({ reason: reason ?? undefined, delayMs: 0 });
  expect(second.hello.workerId).toBe("w");
  expect(other(left).connections).toBe(1);
});

test("goes on trying, with delays, while no server is there, and finds the one that comes back", async () => {
  const port = await freePort();
  const { disconnects, connects } = startWorker(`127.0.0.1:${await freePort()},127.0.0.1:${port}`);
  expect((await disconnects.next()).delayMs).toBe(0);
  for (let n = 0; n < 3; n++) await disconnects.next();
  await using server = await startServer({ config: { listen: { host: "127.0.0.1", port } } });
  await connects.next();
  expect((await server.worker.listWorkers({})).workers).toHaveLength(1);
});

test("keeps its lease when its server is cut off, and the task is run once", async () => {
  await using server = await startServer({ config: { heartbeatIntervalMs: 100, leaseDurationMs: 2_000 } });
  await using twice = await startTwice(server.address);
  const { addresses, used, other } = twice;
  const { worker, handlers, connects, disconnects } = startWorker(addresses);
  await connects.next();
  const { task } = await server.queue.enqueue({ task: { queue: "q", type: "t" } });
  const key = await handlers.begun.next();
  const left = used();
  await left.stop();
  expect((await disconnects.next()).delayMs).toBe(0);
  await connects.next();
  expect(used()).toBe(other(left));
  handlers.finish(key, 7);
  const { task: finished } = await server.queue.awaitTask({ taskId: task?.id ?? "" });
  expect(finished).toMatchObject({ state: TaskState.COMPLETED, attempt: 1 });
  expect(finished?.attempts.map(({ outcome }) => outcome)).toEqual([AttemptOutcome.COMPLETED]);
  expect(handlers.count).toBe(1);
  expect(worker.state).toBe("connected");
});
