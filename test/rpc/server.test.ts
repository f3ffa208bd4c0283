import { createServer } from "node:net";
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { EnqueueResponseSchema, QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService, WorkResponseSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import { type HostPort, parseHostPort } from "../../src/contract/host-port.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { ListenError } from "../../src/rpc/listen.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { collect, failureOf, makeServer, openChannel, openSocket, startRpcHarness } from "./rpc-harness.ts";

async function isUp(address: string): Promise<boolean> {
  const { statuses } = await createClient(Health, openChannel(address)).list({});
  return "" in statuses;
}

function hostPort(text: string): HostPort {
  const read = parseHostPort(text);
  if (read === undefined) throw new Error(`${text} is not HOST:PORT`);
  return read;
}

it.each(["127.0.0.1:0", "localhost:0", "[::1]:0", "0.0.0.0:0"])("listens on %s and tells the port", async (listen) => {
  const { server } = makeServer({ listen: hostPort(listen) });
  expect(server.address).toBe(listen);
  await server.start();
  const [, host, port] = /^(.+):(\d+)$/.exec(server.address) ?? [];
  expect(host).toBe(listen.slice(0, -2));
  expect(Number(port)).toBeGreaterThan(0);
  expect(await isUp(server.address.replace("0.0.0.0", "127.0.0.1"))).toBe(true);
});

it("says that a port is taken, and leaves whoever has it alone", async () => {
  const first = makeServer();
  await first.server.start();
  const second = makeServer({ listen: hostPort(first.server.address) });
  await expect(second.server.start()).rejects.toThrow(
    new ListenError(`Cannot listen on ${first.server.address}: another process listens there.`),
  );
  expect(await isUp(first.server.address)).toBe(true);
});

it("says that a port is taken by something else", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await expect(makeServer({ listen: { host: "127.0.0.1", port: port ?? 0 } }).server.start()).rejects.toThrow(
    "another process",
  );
  await new Promise((resolve) => other.close(resolve));
});

it.each([
  ["host.invalid:0", /Cannot listen on host\.invalid:0: the host name is not known\./],
  ["192.0.2.1:0", /Cannot listen on 192\.0\.2\.1:0: this machine does not have that address\./],
])("says why it cannot listen on %j", async (listen, text) => {
  const failure = makeServer({ listen: hostPort(listen) }).server.start();
  await expect(failure).rejects.toThrow(text);
  await expect(failure).rejects.toBeInstanceOf(ListenError);
});

it("can be stopped before it has started, and not started after", async () => {
  const { server } = makeServer();
  await server.stop(0);
  await expect(server.start()).rejects.toThrow(/shutdown|stopped/);
});

it("frees its port, and refuses calls, once it has stopped", async () => {
  const harness = await startRpcHarness();
  expect(await isUp(harness.address)).toBe(true);
  await Promise.all([harness.server.stop(10_000), harness.server.stop(10_000)]);
  await harness.server.stop(10_000);
  expect(await failureOf(harness.client(Health).check({}))).toMatchObject({ codeName: "UNAVAILABLE" });
  const again = makeServer({ listen: hostPort(harness.address) });
  await again.server.start();
});

it("waits for the calls that are open, and refuses new ones meanwhile", async () => {
  const clock = createFakeClock();
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const harness = await startRpcHarness({
    clock,
    queue: {
      async enqueue() {
        begun.resolve();
        await finish.promise;
        return create(EnqueueResponseSchema, { created: true });
      },
    },
  });
  const call = harness.client(QueueService).enqueue({});
  await begun.promise;
  const stopped = harness.server.stop(5_000);
  clock.advance(4_999);
  expect(await failureOf(createClient(QueueService, openChannel(harness.address)).enqueue({}))).toMatchObject({
    codeName: "UNAVAILABLE",
  });
  finish.resolve();
  expect(await call).toMatchObject({ created: true });
  await stopped;
  expect(clock.pendingTimers).toBe(0);
});

it("cuts off what is still open after the grace, or at once when asked a second time", async () => {
  for (const second of [false, true]) {
    const clock = createFakeClock();
    const cut = Promise.withResolvers<void>();
    const harness = await startRpcHarness({
      clock,
      worker: {
        async work(_requests, { signal }, out) {
          out.send(create(WorkResponseSchema));
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          cut.resolve();
        },
      },
    });
    const call = harness.client(WorkerService).work();
    call.send({});
    const responses = call.responses[Symbol.asyncIterator]();
    await responses.next();
    const stopped = harness.server.stop(60_000);
    if (second) {
      const forced = harness.server.stop(0);
      clock.advance(0);
      await forced;
    } else {
      clock.advance(60_000);
    }
    await stopped;
    await cut.promise;
    expect(await failureOf(responses.next())).toMatchObject({
      codeName: expect.stringMatching(/UNAVAILABLE|CANCELLED/),
    });
    expect(clock.pendingTimers).toBe(0);
  }
});

it("stops although connections are open that never said a word, and do not listen either", async () => {
  const clock = createFakeClock();
  const harness = await startRpcHarness({ clock });
  await openSocket(harness.address);
  const half = await openSocket(harness.address);
  half.write("PRI * HTTP/2.0\r\n");
  expect(await isUp(harness.address)).toBe(true);
  const stopped = harness.server.stop(5_000);
  clock.advance(5_000);
  await stopped;
});

it("takes as many calls on a connection as it is set to, and the rest after them", async () => {
  const harness = await startRpcHarness({
    settings: { maxConcurrentStreams: 4 },
    queue: {
      async enqueue() {
        open++;
        most = Math.max(most, open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        return create(EnqueueResponseSchema);
      },
    },
  });
  let open = 0;
  let most = 0;
  const client = harness.client(QueueService);
  // The first call shows the client the bound.
  await client.enqueue({});
  await Promise.all(Array.from({ length: 40 }, () => client.enqueue({})));
  expect(most).toBeLessThanOrEqual(4);
});

it("closes a connection that has no calls for long", async () => {
  const harness = await startRpcHarness({ settings: { connectionIdleTimeoutMs: 50 } });
  const socket = await openSocket(harness.address);
  // A complete preface: an empty SETTINGS frame.
  socket.write(
    Buffer.concat([Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]),
  );
  socket.resume();
  await new Promise((resolve) => socket.once("close", resolve));
});

it("keeps serving one client while others speak rubbish", async () => {
  const harness = await startRpcHarness({
    queue: { enqueue: async () => create(EnqueueResponseSchema) },
    worker: {
      async work(requests, _context, out) {
        for await (const _ of requests) out.send(create(WorkResponseSchema));
      },
    },
  });
  const worker = harness.client(WorkerService).work();
  const responses = worker.responses[Symbol.asyncIterator]();
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  const rubbish = [
    "GET / HTTP/1.1\r\nHost: sitq\r\n\r\n",
    "\0".repeat(100_000),
    preface,
    `${preface}${"\xff".repeat(50_000)}`,
    preface.slice(0, 10),
    `${preface}\0\0\x04\x01\x05\0\0\0\x01rubb`,
  ];
  for (const text of rubbish) {
    const socket = await openSocket(harness.address);
    socket.write(Buffer.from(text, "latin1"));
    socket.destroySoon();
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
    worker.send({});
    expect(await responses.next()).toMatchObject({ done: false });
    await harness.client(QueueService).enqueue({});
  }
  worker.end();
  expect(await collect({ [Symbol.asyncIterator]: () => responses })).toEqual([]);
  expect(harness.log).toEqual([]);
});
