import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { status as statusCode } from "@grpc/grpc-js";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  type ConnectOptions,
  connect,
  createProducer,
  type SitqClient,
  watchEvents,
} from "../../../src/client/index.ts";
import { CallError } from "../../../src/grpc/client/call-error.ts";
import { startProxy, type Proxy as TcpProxy } from "../../harness/proxy.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { freePort } from "../../harness/server-process.ts";
import { startFakeServer } from "../fake-server.ts";
import { recordLog } from "../log-recorder.ts";

function open(addresses: readonly string[], options: ConnectOptions = {}): SitqClient {
  const client = connect({ address: addresses.join(), log: "silent", ...options });
  onTestFinished(() => client.close());
  return client;
}

/** One server behind two proxies, which are two servers that share their data to a client. */
async function startTwice(server: TestServer) {
  const proxies = [await startProxy(server.address), await startProxy(server.address)] as const;
  const used = (): TcpProxy => proxies.find(({ connections }) => connections > 0) ?? expect.unreachable("none is used");
  return {
    addresses: proxies.map(({ address }) => address),
    used,
    proxies,
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies) await proxy.stop();
    },
  };
}

const dead = async () => `127.0.0.1:${await freePort()}`;

test("raw calls reach the server that is there, wherever it stands among the addresses", async () => {
  await using server = await startServer();
  const [one, two] = [await dead(), await dead()];
  for (const addresses of [
    [one, two, server.address],
    [server.address, one, two],
  ]) {
    const client = open(addresses);
    expect((await client.queue.enqueue({ task: { queue: "q", type: "t" } })).created).toBe(true);
    expect((await client.worker.claimTasks({ workerId: "w", queues: ["q"] })).tasks).toHaveLength(1);
  }
  expect((await open([one, server.address]).queue.getQueue({ name: "q" })).queue?.statistics?.running).toBe(2n);
});

test("a raw stream begins at the server that is there", async () => {
  await using server = await startServer();
  for (let n = 0; n < 4; n++) {
    const client = open([await dead(), server.address]);
    for await (const { resumeToken } of client.registry.watchInstances({ serviceName: "s" })) {
      expect(resumeToken).not.toBe("");
      break;
    }
  }
});

test("a producer that repeats nothing sends to the server that is there", async () => {
  await using server = await startServer();
  const [one, two] = [await dead(), await dead()];
  // The order is random.
  for (let n = 0; n < 6; n++) {
    const producer = createProducer(open([one, two, server.address]), { retryTimeoutMs: 0 });
    expect((await producer.enqueue("q", "t", null)).created).toBe(true);
    await producer.close();
  }
  const producer = createProducer(open([one, two]), { retryTimeoutMs: 0 });
  await expect(producer.enqueue("q", "t", null)).rejects.toMatchObject({ unreached: { maybeSent: false } });
});

test("a call that is sent to no server names them all, and one that was sent is not repeated", async () => {
  const addresses = [await dead(), await dead()];
  const error = await open(addresses)
    .queue.getQueue({ name: "q" })
    .catch((thrown) => thrown);
  expect(error).toMatchObject({ code: statusCode.UNAVAILABLE, unreached: { maybeSent: false } });
  for (const address of addresses) expect(error.message).toContain(address);

  const enqueues: string[] = [];
  const servers = await Promise.all(
    ["a", "b"].map((name) =>
      startFakeServer({
        async enqueue() {
          enqueues.push(name);
          throw new CallError("stopping", { code: statusCode.UNAVAILABLE, reason: "DRAINING" });
        },
      }),
    ),
  );
  const client = open(servers.map(({ address }) => address));
  await expect(client.queue.enqueue({})).rejects.toMatchObject({ reason: "DRAINING" });
  expect(enqueues).toHaveLength(1);
  // It says that it stops, so the next call goes to the other one.
  await expect(client.queue.enqueue({})).rejects.toMatchObject({ reason: "DRAINING" });
  expect(new Set(enqueues).size).toBe(2);
});

test("a server that does not take the connection is given up for another one", async () => {
  await using server = await startServer();
  // Its system takes connections, and nobody answers.
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  onTestFinished(() => void silent.close());
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  onTestFinished(() => void vi.restoreAllMocks());
  const client = open([`127.0.0.1:${port}`, server.address]);
  const beganMs = performance.now();
  await client.queue.enqueue({ task: { queue: "q", type: "t" } });
  expect(performance.now() - beganMs).toBeGreaterThan(4_000);
  const againMs = performance.now();
  await client.queue.enqueue({ task: { queue: "q", type: "t" } });
  expect(performance.now() - againMs).toBeLessThan(2_000);
});

test("stays with one server while it works", async () => {
  await using server = await startServer();
  await using twice = await startTwice(server);
  const { addresses, proxies } = twice;
  const client = open(addresses);
  for (let n = 0; n < 20; n++) await client.queue.enqueue({ task: { queue: "q", type: "t" } });
  expect(proxies.map(({ connections }) => connections).toSorted()).toEqual([0, 1]);
});

test("a producer goes on at another server when its own is gone, and stores each task once", async () => {
  await using server = await startServer();
  await using twice = await startTwice(server);
  const { addresses, used } = twice;
  const { log, lines } = recordLog();
  const moves: string[] = [];
  const client = open(addresses, { log: { ...log, info: (_facts, message) => void moves.push(message) } });
  const producer = createProducer(client);
  const first = Array.from({ length: 50 }, () => producer.enqueue("q", "t", null));
  await first[0];
  const proxy = used();
  const more = Array.from({ length: 50 }, () => producer.enqueue("q", "t", null));
  await proxy.stop();
  const ids = new Set((await Promise.all([...first, ...more])).map(({ id }) => id));
  ids.add((await producer.enqueue("q", "t", null)).id);
  expect(ids.size).toBe(101);
  expect((await server.queue.getQueue({ name: "q" })).queue?.statistics?.pending).toBe(101n);
  await producer.close();
  const other = addresses.find((address) => address !== proxy.address);
  expect(moves).toEqual([expect.stringContaining(`calling ${other} in place of ${proxy.address}: `)]);
  // It was no outage.
  expect(lines).toEqual([]);
});

test("a server that stops is left at once, whatever it asks to wait", async () => {
  const stopping = new CallError("stopping", {
    code: statusCode.UNAVAILABLE,
    reason: "DRAINING",
    retryAfterMs: 60_000,
  });
  let refusals = 0;
  const servers = await Promise.all(
    [0, 1].map(() =>
      startFakeServer({
        async enqueueBatch({ requests }) {
          if (refusals++ === 0) throw stopping;
          return { results: requests.map(() => ({ created: true, task: { id: "t1" } })) };
        },
      }),
    ),
  );
  const producer = createProducer(open(servers.map(({ address }) => address)));
  expect(await producer.enqueue("q", "t", null)).toMatchObject({ id: "t1" });
  expect(refusals).toBe(2);
  await producer.close();
});

test("a watch of events goes on at another server, without gap or repeat", async () => {
  await using server = await startServer();
  await using twice = await startTwice(server);
  const { addresses, used } = twice;
  const client = open(addresses);
  const up = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let ups = 0;
  const delays: number[] = [];
  const watch = watchEvents(client, {
    start: "now",
    onConnect: () => up[ups++]?.resolve(),
    onDisconnect: (_, delayMs) => void delays.push(delayMs),
  });
  const publish = (id: string) => server.event.publish({ event: { id, sourceService: "s", type: "t" } });
  const first = watch.next();
  await up[0]?.promise;
  await publish("1");
  expect((await first).value?.id).toBe("1");
  const second = watch.next();
  await used().stop();
  await publish("2");
  expect((await second).value?.id).toBe("2");
  expect(delays).toEqual([0]);
  await watch.return();
});
