import { status as statusCode } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { TaskErrorSchema } from "../../../gen/sitq/v1/task_pb.js";
import {
  CallError,
  causedBy,
  connect,
  createPublisher,
  createWorker,
  defineTask,
  type EventInfo,
  type EventStartOption,
  eventStart,
  fromCloudEvent,
  handle,
  jsonTask,
  newEvent,
  type PublisherOptions,
  type SitqClient,
  toCloudEvent,
  type WatchedEvent,
  type WorkerOptions,
  watchEvents,
} from "../../../src/client/index.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { createMailbox } from "../mailbox.ts";

/** A client of a server, with what it made; all of it ends with the block. */
function createClientHarness(server: Pick<TestServer, "address">, options: PublisherOptions = {}) {
  const client = connect({ address: server.address, service: "shop" });
  const publisher = createPublisher(client, options);
  const workers: ReturnType<typeof createWorker>[] = [];
  return {
    client,
    publisher,
    async work(queue: string, handlers: WorkerOptions["handlers"]) {
      const worker = createWorker(client, { queues: [queue], handlers });
      workers.push(worker);
      await worker.start();
    },
    subscribe(name: string, types: readonly string[], start: EventStartOption = "now") {
      const subscription = { name, filter: { types: [...types] } };
      return client.event.createSubscription({ subscription, start: eventStart(start) });
    },
    async [Symbol.asyncDispose]() {
      for (const worker of workers) await worker.stop({ graceMs: 0 });
      await publisher.close();
      client.close();
    },
  };
}

const created = jsonTask<{ order: number }>("order.created");

describe("publishing and subscribing", () => {
  it("hands an event to a handler of its type, with what is said of it", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    await harness.subscribe("billing", ["order.*"]);
    const heard = createMailbox<{ order: number; event: EventInfo | null; correlationId: string }>("event");
    await harness.work("billing", [
      handle(created, ({ order }, { task }) => {
        heard.put({ order, event: task.event, correlationId: task.correlationId });
      }),
    ]);
    const time = new Date("2026-07-01T10:00:00.123Z");
    const published = await harness.publisher.publish(
      created,
      { order: 7 },
      {
        id: "e-7",
        subject: "7",
        time,
        correlationId: "c",
        causationId: "web",
        attributes: { tenant: "acme", level: 3 },
      },
    );
    expect(published).toMatchObject({ id: "e-7", sourceService: "shop", created: true, deliveredTo: 1 });
    const { event, ...rest } = await heard.next();
    expect(rest).toEqual({ order: 7, correlationId: "c" });
    expect(event).toMatchObject({
      id: "e-7",
      type: "order.created",
      sourceService: "shop",
      subject: "7",
      time,
      correlationId: "c",
      causationId: "web",
      attributes: { tenant: "acme", level: 3 },
      position: published.position,
    });
  });

  it("gives a task that delivers no event none", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const heard = createMailbox<EventInfo | null>("event");
    await harness.work("q", { t: (_, { task }) => heard.put(task.event) });
    await harness.client.queue.enqueue({ task: { queue: "q", type: "t" } });
    expect(await heard.next()).toBeNull();
  });

  it("carries correlation and cause on from handler to handler", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    await harness.subscribe("billing", ["order.created"]);
    await harness.subscribe("mail", ["payment.*"]);
    const heard = createMailbox<EventInfo | null>("event");
    await harness.work("billing", [
      handle(
        created,
        async (_, { task }) => void (await harness.publisher.publish("payment.processed", 1, causedBy(task))),
      ),
    ]);
    await harness.work("mail", { "payment.processed": (_, { task }) => heard.put(task.event) });
    const first = await harness.publisher.publish(created, { order: 7 }, { correlationId: "c-7" });
    expect(await heard.next()).toMatchObject({ correlationId: "c-7", causationId: first.id });
  });

  it("publishes bytes, messages, nothing, and what CloudEvents are", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const watch = watchEvents(harness.client, { start: "earliest" });
    const typed = defineTask("typed", TaskErrorSchema, TaskErrorSchema);
    const { publisher } = harness;
    await publisher.publish("bytes", Uint8Array.of(1, 2));
    await publisher.publish(typed, { message: "typed" });
    await publisher.publish("nothing");
    const cloudEvent = {
      specversion: "1.0" as const,
      id: "ce-1",
      source: "/shop",
      type: "order.sent",
      time: "2026-07-01T10:00:00.5Z",
      datacontenttype: "text/plain",
      data: "Hello",
      tenant: "acme",
    };
    await publisher.publish(fromCloudEvent(cloudEvent));
    const seen: WatchedEvent[] = [];
    for await (const event of watch) {
      seen.push(event);
      if (seen.length === 4) break;
    }
    expect(seen.map(({ type, data }) => [type, data instanceof Uint8Array ? [...data] : typeof data])).toEqual([
      ["bytes", [1, 2]],
      ["typed", "object"],
      ["nothing", "undefined"],
      ["order.sent", "string"],
    ]);
    expect(seen[1]?.data).toMatchObject({ typeUrl: "type.googleapis.com/sitq.v1.TaskError" });
    const last = seen[3]?.message;
    expect(last && toCloudEvent(last)).toEqual({ ...cloudEvent, time: "2026-07-01T10:00:00.500Z" });
  });

  it("publishes many in shared batches, each with its own answer", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    await harness.subscribe("all", ["**"]);
    const answers = await Promise.allSettled(
      Array.from({ length: 500 }, (_, n) => harness.publisher.publish(n % 100 === 7 ? "not a type" : "t", n)),
    );
    const refused = answers.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(5);
    expect(refused[0]).toMatchObject({
      reason: { reason: "INVALID_FIELD", field: expect.stringMatching(/event\.type$/) },
    });
    const ids = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value.id] : []));
    expect(new Set(ids).size).toBe(495);
  });

  it("publishes several at once, and answers for each", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const answers = await harness.publisher.publishAll([
      newEvent(created, { order: 1 }, { id: "e-1" }),
      newEvent("", 1),
      newEvent(created, { order: 1 }, { id: "e-1" }),
      newEvent(created, { order: 2 }, { id: "e-1" }),
    ]);
    expect(answers.map(({ event, error }) => event?.created ?? error?.reason)).toEqual([
      true,
      "INVALID_FIELD",
      false,
      "EVENT_ID_REUSED",
    ]);
    expect(await harness.publisher.publishAll([])).toEqual([]);
    const tooMany = Array.from({ length: 1_001 }, () => newEvent("t"));
    await expect(harness.publisher.publishAll(tooMany)).rejects.toMatchObject({
      reason: "INVALID_FIELD",
      field: "requests",
    });
  });

  it("refuses what cannot be sent, and what comes after the end", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    await expect(harness.publisher.publish("t", Number.NaN)).rejects.toMatchObject({ field: "event.data" });
    await expect(harness.publisher.publish("t", 1, { attributes: { a: 0.5 } })).rejects.toMatchObject({
      field: "event.attributes",
    });
    await harness.publisher.close();
    await expect(harness.publisher.publish("t")).rejects.toMatchObject({ reason: "CLOSED" });
  });

  it("makes no second event when an answer was lost and the call is repeated", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const { event } = harness.client;
    let calls = 0;
    const losing: SitqClient = {
      ...harness.client,
      event: {
        ...event,
        async publishBatch(request, options) {
          const answer = await event.publishBatch(request, options);
          calls++;
          if (calls === 1) throw new CallError("the answer was lost", { code: statusCode.UNAVAILABLE });
          return answer;
        },
      },
    };
    const publisher = createPublisher(losing);
    expect(await publisher.publish("t", 1)).toMatchObject({ created: true });
    expect(calls).toBe(2);
    expect((await event.listEvents({})).events).toHaveLength(1);
    await publisher.close();
  });
});

describe("watching", () => {
  it("goes on with its last position, through restarts of the server, without gap and repeat", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const connected = createMailbox<null>("connect");
    const leave = new AbortController();
    const seen = createMailbox<number>("event");
    const watching = (async () => {
      const onConnect = () => connected.put(null);
      const options = { start: "now" as const, filter: { types: ["t"] }, signal: leave.signal, onConnect };
      for await (const { data } of watchEvents(harness.client, options)) seen.put(Number(data));
    })();
    await connected.next();
    let n = 0;
    for (let round = 0; round < 3; round++) {
      const publishing = Promise.all(Array.from({ length: 50 }, () => harness.publisher.publish("t", n++)));
      await seen.next();
      await publishing;
      await server.restart();
      await harness.publisher.publish("other");
    }
    await harness.publisher.publish("t", n++);
    while (seen.all.length < n) await seen.next();
    leave.abort();
    await watching;
    expect(seen.all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, index) => index));
  });

  it("throws what no reconnect can mend", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const next = (client: SitqClient, start: EventStartOption, types: string[] = []) =>
      watchEvents(client, { start, filter: { types } }).next();
    await expect(next(harness.client, { position: "nowhere" })).rejects.toMatchObject({ reason: "POSITION_EXPIRED" });
    await expect(next(harness.client, "now", ["**.a"])).rejects.toMatchObject({ field: "filter.types[0]" });
  });

  it("tells of streams that end, and leaves the loop without an error when it is told to", async () => {
    const leave = new AbortController();
    const client = connect({ address: "127.0.0.1:1" });
    const failures: CallError[] = [];
    const onDisconnect = (error: CallError) => {
      failures.push(error);
      if (failures.length === 2) leave.abort();
    };
    for await (const event of watchEvents(client, { start: "now", signal: leave.signal, onDisconnect })) {
      throw new Error(`nobody said ${event.id}`);
    }
    expect(failures.map(({ code }) => code)).toEqual([statusCode.UNAVAILABLE, statusCode.UNAVAILABLE]);
    client.close();
  });
});
