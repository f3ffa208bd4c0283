import { chmodSync, writeFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import { AdminService } from "../../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../../gen/sitq/v1/event_service_pb.js";
import { GetQueueResponseSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../../gen/sitq/v1/registry_service_pb.js";
import { WorkflowService } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { BearerToken } from "../../../src/client/credentials/bearer-token.ts";
import {
  CallError,
  type ConnectOptions,
  connect,
  createProducer,
  createRegistration,
  type IssuedToken,
  subscribe,
  watchEvents,
  watchInstances,
  watchWorkflow,
} from "../../../src/client/index.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { type FakeServer, type SomeHandlers, startFakeServer } from "../fake-server.ts";
import { recordLog } from "../log-recorder.ts";
import { startWorker } from "../worker/worker-harness.ts";
import { type Checkpoint, createCheckpoint } from "./checkpoint.ts";

const handlers: SomeHandlers = {
  getQueue: async () => create(GetQueueResponseSchema, { queue: { name: "q" } }),
  enqueueBatch: async ({ requests }) => ({
    results: requests.map(({ requestId }) => ({ task: { id: "t", requestId }, created: true })),
  }),
};

/** A server that looks at tokens, and its client. */
async function start(options: ConnectOptions): Promise<FakeServer & Checkpoint> {
  const checkpoint = createCheckpoint();
  const { interceptor } = checkpoint;
  const others = [AdminService, EventService, WorkflowService, RegistryService, Health];
  const server = await startFakeServer(handlers, { interceptor, others, connect: { log: "silent", ...options } });
  return Object.assign(server, checkpoint);
}

/** A provider that gives `first`, then `second` and so on; how often it was asked is the length of `asked`. */
function providerOf(...tokens: readonly (string | IssuedToken | Error)[]) {
  const asked: number[] = [];
  const provide = async () => {
    const token = tokens[Math.min(asked.push(asked.length), tokens.length) - 1] ?? "";
    if (token instanceof Error) throw token;
    return token;
  };
  return { asked, provide };
}

const expired = new CallError("The token has expired.", {
  code: statusCode.UNAUTHENTICATED,
  reason: "CREDENTIALS_EXPIRED",
});

const getQueue = ({ client }: FakeServer) => client.queue.getQueue({ name: "q" });

describe("a token", () => {
  it("is carried by every call: short ones, held ones, streams of workers and of producers, watches, registrations", async () => {
    const server = await start({ token: "secret-1" });
    const { client, seen } = server;
    const rejected = (call: Promise<unknown>) => call.catch(() => undefined);
    await getQueue(server);
    await client.queues.get("q");
    await rejected(client.queue.awaitTask({ taskId: "t" }));
    await rejected(client.health.check({}));
    await rejected(client.admin.getServerInfo({}));
    const producer = createProducer(client);
    await producer.enqueue("q", "t");
    await producer.close();
    const { started } = startWorker(server);
    server.runByItself();
    await started;
    // What follows would be tried again and again otherwise.
    server.forbid();
    await rejected(watchWorkflow(client, "w").next());
    await rejected(watchEvents(client, { start: "now" }).next());
    await rejected(createRegistration(client, { service: "s", address: "127.0.0.1:1" }).start());
    const event = { name: "s", types: ["*"], from: "now", handler: () => null } as const;
    await rejected(subscribe(client, event));
    const watched = Promise.withResolvers<void>();
    const onError = () => watched.resolve();
    const watch = watchInstances(client, { onChange: () => undefined, onError });
    await watched.promise;
    watch.close();
    expect(new Set(seen.all.map(({ authorization }) => authorization))).toEqual(new Set(["Bearer secret-1"]));
    expect(new Set(seen.all.map(({ method }) => method))).toEqual(
      new Set([
        "QueueService/GetQueue",
        "QueueService/AwaitTask",
        "Health/Check",
        "AdminService/GetServerInfo",
        "QueueService/EnqueueStream",
        "WorkerService/Work",
        "WorkflowService/WatchWorkflow",
        "EventService/Subscribe",
        "RegistryService/RegisterInstance",
        "EventService/CreateSubscription",
        "RegistryService/WatchInstances",
      ]),
    );
  });

  it("of a provider is asked for once, by the first call, and serves all", async () => {
    const { provide, asked } = providerOf("one", "two");
    const server = await start({ token: provide });
    expect(asked).toEqual([]);
    await Promise.all([getQueue(server), getQueue(server), getQueue(server)]);
    await getQueue(server);
    expect(asked).toEqual([0]);
  });

  it.each(["admit", "admitOnly"] as const)("is asked for again when the server refuses it: %s", async (refuse) => {
    const { provide, asked } = providerOf("old", "new");
    const server = await start({ token: provide });
    server[refuse]("new");
    const answers = await Promise.all([getQueue(server), getQueue(server), getQueue(server)]);
    expect(answers.map(({ queue }) => queue?.name)).toEqual(["q", "q", "q"]);
    expect(asked).toEqual([0, 1]);
  });

  it("that is refused twice is the end of the call, and the provider is not asked by each", async () => {
    const { provide, asked } = providerOf("old", "bad");
    const server = await start({ token: provide });
    server.admit("good");
    for (let calls = 0; calls < 5; calls++) {
      await expect(getQueue(server)).rejects.toMatchObject({
        codeName: "UNAUTHENTICATED",
        reason: "INVALID_CREDENTIALS",
      });
    }
    expect(asked).toEqual([0, 1]);
    expect(server.seen.all).toHaveLength(6);
  });

  it("is replaced ten seconds before its end", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"], now: 0 });
    onTestFinished(() => void vi.useRealTimers());
    const token = new BearerToken(
      providerOf({ token: "a", expireTime: new Date(60_000) }, { token: "b", expireTime: new Date(0) }, "c").provide,
    );
    const carried = async (ms: number) => {
      vi.advanceTimersByTime(ms);
      return (await token.generateMetadata()).get("authorization")[0];
    };
    expect(await carried(0)).toBe("Bearer a");
    expect(await carried(49_999)).toBe("Bearer a");
    expect(await carried(1)).toBe("Bearer b");
    // That one is at its end already, and is not asked for by each call.
    expect(await carried(999)).toBe("Bearer b");
    expect(await carried(1)).toBe("Bearer c");
    expect(await carried(3_600_000)).toBe("Bearer c");
  });

  it("of a provider that fails is an error that says why", async () => {
    const server = await start({ token: providerOf(new Error("the vault is sealed")).provide });
    const failure = { codeName: "UNAVAILABLE", reason: "TOKEN_UNAVAILABLE", message: "no token: the vault is sealed" };
    await expect(getQueue(server)).rejects.toMatchObject(failure);
    expect(server.seen.all).toEqual([]);
  });

  it("of a provider that has failed is asked for again after a second", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { provide, asked } = providerOf(new Error("the vault is sealed"), "good");
    const token = new BearerToken(provide);
    await expect(token.generateMetadata()).rejects.toThrow("no token: the vault is sealed");
    vi.advanceTimersByTime(999);
    await expect(token.generateMetadata()).rejects.toThrow("no token: the vault is sealed");
    vi.advanceTimersByTime(1);
    expect((await token.generateMetadata()).get("authorization")).toEqual(["Bearer good"]);
    expect(asked).toHaveLength(2);
  });

  it("that is none stands in no error", async () => {
    for (const token of ["two words", "", "line\nbreak"]) {
      expect(() => connect({ token })).toThrow("token: expected one word of printable ASCII");
      const server = await start({ token: () => token });
      await expect(getQueue(server)).rejects.toThrow("no token: expected one word of printable ASCII");
    }
  });

  it.each(["example.com:443", "10.0.0.1:50051", "dns:///example.com:443", "other:///service"])(
    "is not sent to %s in clear text, unless that is said",
    (address) => {
      const tokens = [{ token: "secret" }, { token: () => "secret" }, { tokenFile: "/nowhere" }];
      for (const options of tokens) {
        expect(() => connect({ address, ...options })).toThrow(
          `token: a token is not sent to ${address} in clear text`,
        );
        if (!address.startsWith("other")) connect({ address, ...options, insecure: true }).close();
        if (!address.startsWith("other")) connect({ address, ...options, tls: true }).close();
      }
    },
  );

  it.each(["localhost:1", "[::1]:1", "127.8.9.1:1", "unix:/run/sitq.sock", "dns:localhost:1"])(
    "is sent to %s, which is this machine",
    (address) => connect({ address, token: "secret" }).close(),
  );
});

describe("the file of a token", () => {
  it("is read when it is needed, and again when the server refuses what was in it", async () => {
    const dir = await createTempDir();
    onTestFinished(() => dir.remove());
    const path = dir.file("token");
    writeFileSync(path, "old\n", { mode: 0o600 });
    const { log, lines } = recordLog();
    const server = await start({ tokenFile: path, log });
    await getQueue(server);
    writeFileSync(path, "new\n");
    server.admit("new");
    await getQueue(server);
    expect(server.seen.all.map(({ authorization }) => authorization)).toEqual([
      "Bearer old",
      "Bearer old",
      "Bearer new",
    ]);
    expect(lines).toEqual([]);
  });

  it("is warned of if everybody can read it, and is an error if it is not there", async () => {
    const dir = await createTempDir();
    onTestFinished(() => dir.remove());
    const path = dir.file("token");
    const { log, lines } = recordLog();
    const server = await start({ tokenFile: path, log });
    await expect(getQueue(server)).rejects.toThrow(/^no token: ENOENT/);
    writeFileSync(path, "secret");
    chmodSync(path, 0o644);
    const other = connect({ address: server.address, tokenFile: path, log });
    onTestFinished(() => other.close());
    await other.queue.getQueue({ name: "q" });
    expect(lines).toEqual([`warn: everybody on this machine can read ${path}: chmod o-r it`]);
  });
});

describe("a worker", () => {
  it("that the server refuses at first ends with the refusal", async () => {
    const server = await start({ token: "bad" });
    server.admit("good");
    const { started } = startWorker(server);
    await expect(started).rejects.toMatchObject({ codeName: "UNAUTHENTICATED", reason: "INVALID_CREDENTIALS" });
  });

  it("begins with a token that is asked for again", async () => {
    const { provide } = providerOf("old", "good");
    const server = await start({ token: provide });
    server.admit("good");
    const { started } = startWorker(server);
    server.runByItself();
    await started;
  });

  it("whose token expired goes on with another one, without a word", async () => {
    const { provide } = providerOf("old", "new");
    const { log, lines } = recordLog();
    const server = await start({ token: provide, log });
    const { started } = startWorker(server);
    const stream = await server.nextStream();
    await started;
    server.admit("new");
    stream.end(expired);
    await server.nextStream();
    expect(lines).toEqual([]);
  });

  it("that loses its rights says so once, and goes on trying", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    onTestFinished(() => void vi.restoreAllMocks());
    const { log, lines } = recordLog();
    const server = await start({ token: "secret", log });
    const { started } = startWorker(server);
    const stream = await server.nextStream();
    await started;
    server.forbid();
    stream.end(expired);
    for (let streams = 0; streams < 4; streams++) await server.seen.next();
    server.admit("secret");
    await server.nextStream();
    expect(lines).toEqual(["warn: the worker w: refused, trying again: This needs the role worker. (ROLE_REQUIRED)"]);
  });
});
