import { describe, expect, expectTypeOf, it, onTestFinished } from "vitest";
import {
  awaitDelivery,
  connect,
  createPublisher,
  createWorker,
  eventType,
  handle,
  type SitqClient,
  subscribe,
  TerminalError,
} from "../../../src/client/index.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const server = shareServer();

function connected(): SitqClient {
  const client = connect({ address: server().address, service: "shop", log: "silent" });
  onTestFinished(() => client.close());
  return client;
}

describe("a type of events", () => {
  it("is handled by what answers anything, and published by its type", async () => {
    const client = connected();
    const name = freshQueue();
    const created = eventType<{ order: number }>(`${name}.created`);
    // What it answers need not be said of the type: the delivery report has it.
    handle(created, async () => ({ ok: true }));
    handle(created, () => undefined);
    handle(created, ({ order }) => {
      expectTypeOf(order).toEqualTypeOf<number>();
      return order;
    });
    // @ts-expect-error: the data are not those of the type
    const wrong = () => createPublisher(client).publish(created, { order: "7" });
    expect(wrong).toBeTypeOf("function");

    const running = await subscribe(client, {
      name,
      event: created,
      from: "now",
      handler: async ({ order }, { task }) => ({ order: order + 1, of: task.event?.sourceService }),
    });
    const publisher = createPublisher(client);
    const report = await awaitDelivery(client, await publisher.publish(created, { order: 7 }));
    expect(report).toMatchObject({
      event: { type: created.type, data: { order: 7 } },
      deliveredTo: 1,
      deliveries: [{ subscription: name, state: "COMPLETED", result: { order: 8, of: "shop" }, lastError: null }],
    });
    await running.stop();
    await publisher.close();
  });

  it("refuses data that its parser refuses", async () => {
    const client = connected();
    const name = freshQueue();
    const strict = eventType(name, {
      parse: (value) => {
        if (typeof value !== "number") throw new TypeError("not a number");
        return value;
      },
    });
    const running = await subscribe(client, { name, event: strict, from: "now", handler: (n) => n });
    const publisher = createPublisher(client);
    const { deliveries } = await awaitDelivery(client, await publisher.publish(name, "text"));
    expect(deliveries).toMatchObject([{ state: "FAILED", lastError: { type: "PAYLOAD_MISMATCH" } }]);
    await running.stop();
    await publisher.close();
  });
});

describe("subscribe", () => {
  it("creates the subscription once, and its worker goes on where the last one stopped", async () => {
    const client = connected();
    const name = freshQueue();
    const publisher = createPublisher(client);
    const seen: unknown[] = [];
    const options = {
      name,
      types: [`${name}.*`],
      filter: { subject: "7" },
      from: "now",
      maxAttempts: 2,
      retryPolicy: { initialBackoffMs: 0 },
      capacity: 1,
      handler: (data: unknown) => void seen.push(data),
    } as const;
    const first = await subscribe(client, options);
    expect(first).toMatchObject({ name, created: true, worker: { state: "connected" } });
    expect(first.worker.getStatus()).toMatchObject({ isRunning: true, isConnected: true, running: 0, queues: [name] });
    await awaitDelivery(client, await publisher.publish(`${name}.a`, 1, { subject: "7" }));
    await first.stop();
    expect(first.worker.getStatus()).toMatchObject({ state: "stopped", isRunning: false, isConnected: false });

    const missed = await publisher.publish(`${name}.b`, 2, { subject: "7" });
    await publisher.publish(`${name}.b`, 3, { subject: "8" });
    const second = await subscribe(client, options);
    expect(second.created).toBe(false);
    await awaitDelivery(client, missed.id, { sourceService: "shop" });
    expect(seen).toEqual([1, 2]);
    await second.stop();

    const changed = subscribe(client, { ...options, filter: { subject: "9" } });
    await expect(changed).rejects.toMatchObject({ reason: "SUBSCRIPTION_EXISTS" });
    await publisher.close();
  });

  it("refuses what does not fit before anything is created", async () => {
    const client = connected();
    const handler = () => undefined;
    const name = freshQueue();
    await expect(subscribe(client, { name, from: "now", handler })).rejects.toMatchObject({ field: "types" });
    const both = { event: eventType("a"), types: ["b"] };
    await expect(subscribe(client, { name, from: "now", handler, ...both })).rejects.toMatchObject({ field: "types" });
    const wrong = { types: ["a"], filter: { type: "x" } as object };
    await expect(subscribe(client, { name, from: "now", handler, ...wrong })).rejects.toMatchObject({
      field: "subscription.filter.type",
    });
    await expect(subscribe(client, { name, from: "now", handler, types: ["a"], capacity: 0 })).rejects.toBeInstanceOf(
      RangeError,
    );
    for await (const subscription of client.subscriptions.list()) expect(subscription.name).not.toBe(name);
  });
});

describe("awaitDelivery", () => {
  it("waits for each subscriber, and one that fails does not end it", async () => {
    const client = connected();
    const name = freshQueue();
    const created = eventType<number>(`${name}.created`);
    const base = { event: created, from: "now", maxAttempts: 1 } as const;
    const all = [
      await subscribe(client, { ...base, name: `${name}-good`, handler: (n) => 2 * n }),
      await subscribe(client, {
        ...base,
        name: `${name}-bad`,
        handler: () => {
          throw new TerminalError("no");
        },
      }),
    ];
    const publisher = createPublisher(client);
    const { deliveries } = await awaitDelivery(client, await publisher.publish(created, 4));
    expect(deliveries.toSorted((a, b) => a.subscription.localeCompare(b.subscription))).toMatchObject([
      { subscription: `${name}-bad`, state: "FAILED", lastError: { message: "no" } },
      { subscription: `${name}-good`, state: "COMPLETED", result: 8 },
    ]);
    for (const each of all) await each.stop();
    await publisher.close();
  });

  it("answers at once where there is no subscriber, and gives up after its time or by its signal", async () => {
    const client = connected();
    const name = freshQueue();
    const publisher = createPublisher(client);
    expect(await awaitDelivery(client, await publisher.publish(name, {}))).toMatchObject({
      deliveredTo: 0,
      deliveries: [],
    });
    await client.event.createSubscription({
      subscription: { name, filter: { types: [name] } },
      start: { start: { case: "now", value: true } },
    });
    const event = await publisher.publish(name, {});
    await expect(awaitDelivery(client, event, { timeoutMs: 50 })).rejects.toMatchObject({
      reason: "EVENT_NOT_DELIVERED",
      codeName: "DEADLINE_EXCEEDED",
      message: expect.stringContaining(`: ${name} is PENDING: no worker is on the queue "${name}".`),
    });
    await expect(awaitDelivery(client, event, { signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow(
      "enough",
    );
    const leave = new AbortController();
    const waiting = awaitDelivery(client, event, { signal: leave.signal });
    leave.abort(new Error("left"));
    await expect(waiting).rejects.toThrow("left");
    await expect(awaitDelivery(client, "none")).rejects.toMatchObject({ reason: "EVENT_NOT_FOUND" });
    await publisher.close();
  });

  it("goes on through a restart of the server", async () => {
    await using own = await startServer();
    const client = connect({ address: own.address, log: "silent" });
    await client.event.createSubscription({
      subscription: { name: "s", filter: { types: ["t"] } },
      start: { start: { case: "now", value: true } },
    });
    const publisher = createPublisher(client);
    const waiting = awaitDelivery(client, await publisher.publish("t", {}, { sourceService: "x" }));
    await own.restart();
    const worker = createWorker(client, { queues: ["s"], handlers: { t: () => "done" } });
    await worker.start();
    expect(await waiting).toMatchObject({ deliveries: [{ state: "COMPLETED", result: "done" }] });
    await worker.stop();
    await publisher.close();
    client.close();
  });
});
