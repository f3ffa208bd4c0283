import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createOutages } from "../../../src/client/connection/outages.ts";
import {
  CallError,
  type ClientLogLevel,
  connect,
  createProducer,
  createPublisher,
  createRegistration,
  createTextLog,
  createWorker,
  RetryLaterError,
  startWorkflow,
  TerminalError,
  watchEvents,
  watchInstances,
  watchWorkflow,
  workflow,
} from "../../../src/client/index.ts";
import { startServer } from "../../harness/server.ts";
import { recordLog } from "../log-recorder.ts";

const dead = "127.0.0.1:1";

describe("lines on standard error", () => {
  it.each<[ClientLogLevel, string[]]>([
    ["silent", []],
    ["error", ["sitq: error: e\n"]],
    ["warn", ["sitq: error: e\n", "sitq: warn: w\n"]],
    ["info", ["sitq: error: e\n", "sitq: warn: w\n", "sitq: info: i\n"]],
    ["debug", ["sitq: error: e\n", "sitq: warn: w\n", "sitq: info: i\n", "sitq: debug: d\n"]],
  ])("from %s on", (level, expected) => {
    const lines: string[] = [];
    const log = createTextLog(level, (line) => lines.push(line));
    log.error({}, "e");
    log.warn({}, "w");
    log.info({}, "i");
    log.debug({}, "d");
    expect(lines).toEqual(expected);
  });

  it("are one each, without what a terminal obeys, and bounded", () => {
    const lines: string[] = [];
    const log = createTextLog("warn", (line) => lines.push(line));
    log.warn({}, "a\nb\u001b[31m\tc");
    log.warn({}, "x".repeat(5_000));
    expect(lines[0]).toBe("sitq: warn: a b [31m c\n");
    expect(lines[1]?.length).toBe(1_001);
  });

  it("are what a client writes that was given no log", async () => {
    const written: unknown[] = [];
    const first = Promise.withResolvers<void>();
    const spy = vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
      first.resolve();
      return written.push(chunk) > 0;
    });
    onTestFinished(() => spy.mockRestore());
    const client = connect({ address: dead });
    const worker = createWorker(client, { queues: ["q"], handlers: { t: () => null } });
    worker.start().catch(() => undefined);
    await first.promise;
    await worker.stop();
    client.close();
    expect(written).toEqual([`sitq: warn: cannot reach ${dead}, trying again: connection refused\n`]);
  });

  it("have a level, or a log in their place", () => {
    expect(() => connect({ log: "loud" as never })).toThrow('log: "loud" is none of error, warn, info, debug, silent');
  });
});

describe("an outage", () => {
  it("is one line when it begins and one when it is over, whatever tries", async () => {
    await using server = await startServer();
    const recorded = recordLog();
    const client = connect({ address: server.address, service: "s", log: recorded.log });
    await server.app.close(0);

    const leave = new AbortController();
    const worker = createWorker(client, { queues: ["q"], handlers: { t: () => undefined } });
    const registration = createRegistration(client, { address: "127.0.0.1:9" });
    const producer = createProducer(client);
    const publisher = createPublisher(client);
    const instances = watchInstances(client, { onChange: () => undefined });
    const events = watchEvents(client, { start: "now", signal: leave.signal });
    const all = [
      worker.start(),
      registration.start(),
      producer.enqueue("q", "t"),
      publisher.publish("order.created", {}),
      startWorkflow(client, workflow("w").step("a", "t", {}, { service: "s" })),
    ];
    const watching = events.next();
    expect(await recorded.next()).toBe(`warn: cannot reach ${server.address}, trying again: connection refused`);
    // Long enough for each to have tried several times; a slower machine sees fewer lines, not more.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(recorded.lines).toHaveLength(1);

    await server.restart();
    await Promise.all(all);
    expect(recorded.lines).toEqual([
      recorded.lines[0],
      expect.stringMatching(new RegExp(`^warn: reached ${server.address} again after [\\dhms. ]+$`)),
    ]);

    leave.abort();
    await watching;
    instances.close();
    await registration.stop();
    await worker.stop();
    await producer.close();
    await publisher.close();
    client.close();
  });

  it("is told of by a watch of a workflow too", async () => {
    const recorded = recordLog();
    const client = connect({ address: dead, log: recorded.log });
    const leave = new AbortController();
    const watching = watchWorkflow(client, "w", { signal: leave.signal }).next();
    expect(await recorded.next()).toBe(`warn: cannot reach ${dead}, trying again: connection refused`);
    leave.abort();
    await watching;
    client.close();
  });

  const gone = new CallError("gone", { code: 14, unreached: { why: "connection refused", maybeSent: false } });
  const cold = new CallError("The queue is full.", { code: 8, reason: "QUEUE_FULL" });

  it("is not one for a part that began to try before another part was answered", () => {
    const { log, lines } = recordLog();
    const outages = createOutages("h:1", log);
    const [slow, quick] = [outages.follow("slow"), outages.follow("quick")];
    slow.begin();
    quick.begin();
    quick.reached();
    slow.failed(gone);
    expect(lines).toEqual([]);
    slow.begin();
    slow.failed(gone);
    expect(lines).toEqual(["warn: cannot reach h:1, trying again: connection refused"]);
  });

  it("is no matter of reaching a server that says itself that it cannot serve", () => {
    const { log, lines } = recordLog();
    const message = "The server cannot reach its database.";
    createOutages("h:1,h:2", log)
      .follow("slow")
      .failed(new CallError(message, { code: 14, reason: "STORE_UNREACHABLE" }));
    expect(lines).toEqual([`warn: no service at h:1,h:2, trying again: ${message}`]);
  });

  it("is told from a refusal, which is one line of its own until it changes or is over", () => {
    const { log, lines } = recordLog();
    const tries = createOutages("h:1", log).follow("the instance i of s");
    for (let time = 0; time < 6; time++) {
      tries.begin();
      tries.failed(cold);
    }
    tries.begin();
    tries.reached();
    tries.begin();
    tries.failed(cold);
    const line = "warn: the instance i of s: refused, trying again: The queue is full. (QUEUE_FULL)";
    expect(lines).toEqual([line, line]);
  });
});

it("a handler that fails is a warning with the task's id, its type and the attempt", async () => {
  await using server = await startServer();
  const { log, next, facts } = recordLog();
  const client = connect({ address: server.address, log });
  const worker = createWorker(client, {
    queues: ["q"],
    handlers: {
      plain: () => {
        throw new Error("no paper");
      },
      terminal: () => {
        throw new TerminalError("no printer", { type: "PrinterError" });
      },
      later: () => {
        throw new RetryLaterError("jammed", 60_000);
      },
      result: () => Number.NaN,
    },
  });
  await worker.start();
  const producer = createProducer(client);
  const said = async (type: string) => {
    const { id } = await producer.enqueue("q", type, {}, { maxAttempts: 3, retryPolicy: { initialBackoffMs: 60_000 } });
    const line = await next();
    expect(line).toContain(id);
    expect(facts.at(-1)).toMatchObject({ task_id: id, type, attempt: 1, queue: "q" });
    return line.replace(id, "ID");
  };
  expect(await said("plain")).toBe("warn: task ID (plain) failed in attempt 1 of 3: no paper");
  expect(await said("terminal")).toBe(
    "warn: task ID (terminal) failed in attempt 1 of 3, and no other follows: PrinterError: no printer",
  );
  expect(await said("later")).toBe("warn: task ID (later) failed in attempt 1 of 3: RetryLaterError: jammed");
  expect(await said("result")).toContain(
    "failed in attempt 1 of 3, and no other follows: INVALID_RESULT: The handler's result does not fit",
  );
  await worker.stop();
  await producer.close();
  client.close();
});

describe("an address", () => {
  it.each([
    ["http://127.0.0.1:50051", 'address: "http://127.0.0.1:50051": leave out http://'],
    ["HTTPS://sitq.example", 'address: "HTTPS://sitq.example": leave out HTTPS://'],
    ["grpc://h:1", 'address: "grpc://h:1": leave out grpc://'],
    ["localhost", 'address: "localhost": expected HOST:PORT'],
    ["127.0.0.1:99999", "expected HOST:PORT"],
    ["a:1,a:1", 'address: "a:1,a:1": "a:1": given twice'],
    ["h:1/path", "expected HOST:PORT"],
    ["::1:50051", "expected HOST:PORT"],
    ["a b:1", "expected HOST:PORT"],
  ])("%s is refused with what to write", (address, text) => {
    const refusal = expect.objectContaining({
      codeName: "INVALID_ARGUMENT",
      reason: "INVALID_FIELD",
      field: "address",
    });
    expect(() => connect({ address })).toThrow(refusal);
    expect(() => connect({ address })).toThrow(text);
  });

  it.each(["localhost:50051", "[::1]:50051", "dns:///sitq:50051", "unix:/run/sitq.sock", "sitq:///s"])(
    "%s is taken",
    (address) => connect({ address }).close(),
  );
});

describe("what gRPC says of a connection is put in plain words:", () => {
  const listQueues = async (address: string, timeoutMs = 5_000) => {
    const client = connect({ address });
    try {
      return await client.queue.listQueues({}, { timeoutMs }).catch((error: unknown) => error);
    } finally {
      client.close();
    }
  };

  it("a dead address", async () => {
    const unreached = { why: "connection refused", maybeSent: false };
    expect(await listQueues(dead)).toMatchObject({
      codeName: "UNAVAILABLE",
      reason: null,
      unreached,
      message: `cannot reach ${dead}: connection refused`,
    });
  });

  it("an HTTP service", async () => {
    const http = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => http.once("listening", resolve));
    const { port } = http.address() as AddressInfo;
    expect(await listQueues(`127.0.0.1:${port}`)).toMatchObject({
      message: `cannot reach 127.0.0.1:${port}: it answers, but not gRPC`,
    });
    http.closeAllConnections();
    http.close();
  });

  it("a client that is closed", async () => {
    const client = connect({ address: dead });
    client.close();
    await expect(client.queue.listQueues({})).rejects.toMatchObject({ reason: "CLOSED" });
  });
});
