import { durationMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { SubscriptionState } from "../../../gen/sitq/v1/event_service_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import {
  behind,
  fromEarliest,
  fromNow,
  isLive,
  publish,
  publishAll,
  readSubscription,
  report,
  type SubscriptionInit,
  subscribe,
} from "../../harness/calls/events.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { present, readQueue, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { watch } from "../../harness/watch.ts";

const shared = shareServer();

/** Resolves once a subscription has caught up: its last delivery has been stored by then. */
async function caughtUp(server: TestServer, name: string, deliveries: number): Promise<void> {
  const watcher = await watch(server, { filter: { queue: name } });
  const count = async () => Number(present((await readQueue(server, name)).statistics).pending);
  while ((await count()) < deliveries) await watcher.count(watcher.changes.length + 1);
  watcher.stop();
}

describe("CreateSubscription", () => {
  it("keeps all that was said of it, and answers the same again", async () => {
    const server = shared();
    const name = freshQueue();
    const wanted: SubscriptionInit = {
      name,
      queue: `${name}-q`,
      orderingKey: "attributes.tenant",
      maxAttempts: 7,
      filter: {
        types: ["order.*", "x"],
        sourceService: "shop",
        subject: "7",
        attributes: { a: "1" },
        correlationId: "c",
      },
      retryPolicy: { initialBackoff: span(2_000), jitter: 0 },
      attemptTimeout: span(5_000),
    };
    const first = await server.event.createSubscription({ subscription: wanted, start: { start: fromNow } });
    expect(first).toMatchObject({
      created: true,
      subscription: { ...wanted, state: SubscriptionState.LIVE, position: expect.any(String) },
    });
    expect(first.subscription?.retryPolicy?.maxBackoff).toBeUndefined();
    expect(first.subscription?.createTime).toBeDefined();
    // Of other content it is refused, and stays as it is.
    const refusal = await refusalOf(subscribe(server, { ...wanted, orderingKey: "subject" }));
    expect(refusal).toMatchObject({
      code: "ALREADY_EXISTS",
      reason: "SUBSCRIPTION_EXISTS",
      field: "subscription.ordering_key",
    });
    expect({ ...(await readSubscription(server, name)), position: "" }).toEqual({
      ...first.subscription,
      position: "",
    });
    // The start is not looked at when it is there.
    const again = await server.event.createSubscription({ subscription: wanted, start: { start: fromEarliest } });
    expect(again).toMatchObject({ created: false, subscription: { state: SubscriptionState.LIVE } });
    expect({ ...(await readSubscription(server, name)), position: "" }).toEqual({
      ...first.subscription,
      position: "",
    });
  });

  it("puts deliveries into the queue of its own name unless it says another", async () => {
    const name = freshQueue();
    expect(await subscribe(shared(), { name })).toMatchObject({ queue: name });
  });

  const bad: readonly [field: string, change: SubscriptionInit][] = [
    ["subscription.name", { name: "" }],
    ["subscription.name", { name: "a b" }],
    ["subscription.queue", { queue: "a/b" }],
    ["subscription.ordering_key", { orderingKey: "type" }],
    ["subscription.max_attempts", { maxAttempts: 1_001 }],
    ["subscription.retry_policy.jitter", { retryPolicy: { jitter: 2 } }],
    ["subscription.attempt_timeout", { attemptTimeout: span(0) }],
    ["subscription.filter.types", { filter: { types: Array.from({ length: 21 }, () => "a") } }],
    ["subscription.filter.types[1]", { filter: { types: ["a", "a.**.b"] } }],
    ["subscription.filter.types[0]", { filter: { types: [""] } }],
    ["subscription.filter.types[0]", { filter: { types: ["a".repeat(201)] } }],
    ["subscription.filter.source_service", { filter: { sourceService: "x".repeat(101) } }],
    ["subscription.filter.subject", { filter: { subject: "x".repeat(257) } }],
    ["subscription.filter.correlation_id", { filter: { correlationId: "x".repeat(257) } }],
    ["subscription.filter.attributes", { filter: { attributes: { Upper: "x" } } }],
    ["subscription.filter.attributes", { filter: { attributes: { a: "x".repeat(16_384) } } }],
  ];
  it.each(bad)("names %s when it is not valid", async (field, change) => {
    const name = freshQueue();
    const refusal = await refusalOf(subscribe(shared(), { name, ...change }));
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
    const { subscriptions } = await shared().event.listSubscriptions({ pageSize: 1_000 });
    expect(subscriptions.map((each) => each.name)).not.toContain(name);
  });

  it.each([
    ["start", { case: undefined }],
    ["start.now", { case: "now", value: false }],
    ["start.earliest", { case: "earliest", value: false }],
    ["start.position", { case: "position", value: "" }],
    ["start.position", { case: "position", value: "No place" }],
    ["start.time", { case: "time", value: { $typeName: "google.protobuf.Timestamp", seconds: 0n, nanos: -1 } }],
  ] as const)("needs a place to begin: %s", async (field, start) => {
    const name = freshQueue();
    const refusal = await refusalOf(subscribe(shared(), { name }, start));
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
    expect(await refusalOf(shared().event.deleteSubscription({ name }))).toMatchObject({
      reason: "SUBSCRIPTION_NOT_FOUND",
    });
  });

  it("needs a subscription", async () => {
    expect(await refusalOf(shared().event.createSubscription({}))).toMatchObject({ field: "subscription" });
  });
});

describe("the start of a subscription", () => {
  it("may be the earliest event that is kept, a time, or a position", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const [first] = await publishAll(server, ["a", "b"]);
    clock.advance(1_000);
    await publishAll(server, ["c"]);
    const time = { $typeName: "google.protobuf.Timestamp" as const, seconds: BigInt(clock.now() / 1_000), nanos: 0 };
    await subscribe(server, { name: "all" }, fromEarliest);
    await subscribe(server, { name: "late" }, { case: "time", value: time });
    await subscribe(server, { name: "behind" }, behind(present(first).position));
    await subscribe(server, { name: "new" }, fromNow);
    await caughtUp(server, "all", 3);
    await caughtUp(server, "late", 1);
    await caughtUp(server, "behind", 2);
    await publishAll(server, ["d"]);
    const told = async (id: string) => (await report(server, id)).deliveries.map(({ subscription }) => subscription);
    expect((await told("a")).toSorted()).toEqual(["all"]);
    expect((await told("b")).toSorted()).toEqual(["all", "behind"]);
    expect((await told("c")).toSorted()).toEqual(["all", "behind", "late"]);
    expect((await told("d")).toSorted()).toEqual(["all", "behind", "late", "new"]);
    expect(await report(server, "a")).toMatchObject({ deliveredTo: 0 });
    for (const name of ["all", "late", "behind", "new"]) expect(await isLive(server, name)).toBe(true);
  });

  it("is caught up with although the server stops on the way", async () => {
    await using server = await startServer();
    const ids = Array.from({ length: 1_000 }, (_, n) => `e-${n}`);
    await publishAll(server, ids);
    await subscribe(server, { name: "all" }, fromEarliest);
    await server.restart();
    await caughtUp(server, "all", 1_000);
    expect(present((await readQueue(server, "all")).statistics).pending).toBe(1_000n);
    expect(await isLive(server, "all")).toBe(true);
  });
});

describe("ReplayEvents", () => {
  it("delivers again from a place on, and leaves the deliveries from before", async () => {
    await using server = await startServer();
    await subscribe(server, { name: "s" });
    const [a] = await publishAll(server, ["a", "b"]);
    const { subscription } = await server.event.replayEvents({
      subscription: "s",
      start: { start: behind(present(a).position) },
    });
    expect(subscription).toMatchObject({ name: "s", state: SubscriptionState.CATCHING_UP, position: a?.position });
    await caughtUp(server, "s", 3);
    expect((await report(server, "a")).deliveries).toHaveLength(1);
    expect((await report(server, "b")).deliveries.map((each) => each.subscription)).toEqual(["s", "s"]);
    expect((await report(server, "b")).deliveredTo).toBe(1);
  });

  it.each([
    ["subscription", "SUBSCRIPTION_NOT_FOUND", { subscription: "nobody", start: { start: fromEarliest } }],
    ["subscription", "INVALID_FIELD", { start: { start: fromEarliest } }],
    ["start", "INVALID_FIELD", { subscription: "nobody" }],
    ["start.now", "INVALID_FIELD", { subscription: "nobody", start: { start: fromNow } }],
  ])("names %s when it is not valid: %s", async (field, reason, request) => {
    expect(await refusalOf(shared().event.replayEvents(request))).toMatchObject({ field, reason });
  });
});

describe("DeleteSubscription", () => {
  it("cancels what waits, lets go on what runs, and frees the name", async () => {
    await using server = await startServer();
    await subscribe(server, { name: "orders", filter: { types: ["order.created"] } });
    const worker = await connectWorker(server, { queues: ["orders"], capacity: 1 });
    await publishAll(server, ["a", "b", "c"]);
    const running = await worker.take(1);
    expect(await server.event.deleteSubscription({ name: "orders" })).toMatchObject({
      cancelledCount: 2n,
      runningCount: 1n,
    });
    expect(await publish(server, { id: "d" })).toMatchObject({ deliveredTo: 0 });
    expect(await worker.complete(...running)).toEqual(["SETTLED"]);
    const stateOf = async (id: string) => (await report(server, id)).deliveries.map(({ state }) => TaskState[state]);
    expect([await stateOf("a"), await stateOf("b"), await stateOf("c")]).toEqual([
      ["COMPLETED"],
      ["CANCELLED"],
      ["CANCELLED"],
    ]);
    expect((await server.event.listSubscriptions({})).subscriptions).toEqual([]);
    expect(await refusalOf(server.event.deleteSubscription({ name: "orders" }))).toMatchObject({
      reason: "SUBSCRIPTION_NOT_FOUND",
    });
    // Of another content now: it is a new one.
    expect(await subscribe(server, { name: "orders", filter: { types: ["x"] } })).toMatchObject({ name: "orders" });
  });
});

describe("ListSubscriptions", () => {
  it("lists by name, a page at a time", async () => {
    await using server = await startServer();
    for (const name of ["c", "a", "b"]) await subscribe(server, { name });
    const first = await server.event.listSubscriptions({ pageSize: 2 });
    expect(first.subscriptions.map(({ name }) => name)).toEqual(["a", "b"]);
    const second = await server.event.listSubscriptions({ pageSize: 2, pageToken: first.nextPageToken });
    expect(second.subscriptions.map(({ name }) => name)).toEqual(["c"]);
    expect(second.nextPageToken).toBe("");
    expect(await refusalOf(server.event.listSubscriptions({ pageSize: 1_001 }))).toMatchObject({ field: "page_size" });
    expect(await refusalOf(server.event.listSubscriptions({ pageToken: "x" }))).toMatchObject({
      reason: "INVALID_PAGE_TOKEN",
    });
  });

  it("ends a page before it is too large to send", async () => {
    await using server = await startServer();
    const filter = { attributes: { a: "x".repeat(16_000) } };
    const names = Array.from({ length: 250 }, (_, n) => `s-${String(n).padStart(3, "0")}`);
    for (const name of names) await subscribe(server, { name, filter });
    const found: string[] = [];
    let pageToken = "";
    do {
      const page = await server.event.listSubscriptions({ pageSize: 1_000, pageToken });
      found.push(...page.subscriptions.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(found).toEqual(names);
  });
});

describe("an ordering key", () => {
  it("keeps the next event of a key waiting until the one before it is finished", async () => {
    const server = shared();
    const name = freshQueue();
    await subscribe(server, { name, filter: { types: [`made.${name}`] }, orderingKey: "subject" });
    const worker = await connectWorker(server, { workerId: name, queues: [name] });
    for (const [id, subject] of [
      ["a1", "a"],
      ["a2", "a"],
      ["b1", "b"],
      ["free", ""],
      ["a3", "a"],
    ]) {
      await publish(server, { id: `${name}-${id}`, type: `made.${name}`, subject: present(subject) });
    }
    const idsOf = (tasks: readonly { readonly event?: { readonly id: string } | undefined }[]) =>
      tasks.map(({ event }) => event?.id.slice(name.length + 1));
    const [a1, b1, free] = await worker.take(3);
    expect(idsOf([present(a1), present(b1), present(free)])).toEqual(["a1", "b1", "free"]);
    const waiting = (await report(server, `${name}-a2`)).deliveries.find(({ subscription }) => subscription === name);
    expect(waiting?.state).toBe(TaskState.BLOCKED);
    await worker.end([present(a1)], { case: "failed", value: { terminal: true } });
    const a2 = await worker.take(1);
    expect(idsOf(a2)).toEqual(["a2"]);
    await worker.complete(...a2);
    expect(idsOf(await worker.take(1))).toEqual(["a3"]);
  });
});

it("says how fast it is and in what time it has caught up, by the rates of the last minute", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await subscribe(server, { name: "billing" });
  const pace = async () => {
    const { waitingCount, deliveryRate, catchUpDuration } = await readSubscription(server, "billing");
    return [waitingCount, deliveryRate, catchUpDuration === undefined ? null : durationMs(catchUpDuration)];
  };
  expect(await pace()).toEqual([0n, 0, 0]);
  await publishAll(
    server,
    Array.from({ length: 30 }, (_, n) => `a${n}`),
  );
  clock.advance(10_000);
  // They came, and none has ended.
  expect(await pace()).toEqual([30n, 0, null]);

  clock.advance(60_000);
  const worker = await connectWorker(server, { queues: ["billing"], capacity: 30 });
  const held = await worker.take(30);
  await worker.complete(...held.slice(0, 12));
  // Over eleven steps of five seconds: 12 ended, none came, and the others run.
  clock.advance(5_000);
  expect(await pace()).toEqual([0n, expect.closeTo(12 / 55, 5), 0]);
  const released = { case: "released", value: {} } as const;
  worker.send({ case: "capacity", value: { n: 0 } });
  await worker.end(held.slice(12), released);
  expect(await pace()).toEqual([18n, expect.closeTo(12 / 55, 5), 82_500]);
  await publishAll(server, ["b"]);
  expect(await pace()).toEqual([19n, expect.closeTo(12 / 55, 5), 95_000]);
  await publishAll(
    server,
    Array.from({ length: 11 }, (_, n) => `c${n}`),
  );
  expect(await pace()).toEqual([30n, expect.closeTo(12 / 55, 5), null]);

  await server.event.updateSubscription({ subscription: { name: "billing", paused: true } });
  expect(await pace()).toEqual([30n, expect.closeTo(12 / 55, 5), null]);
});
