import { expect, it } from "vitest";
import { SubscriptionState } from "../../../gen/sitq/v1/event_service_pb.js";
import { publish, readSubscription, type SubscriptionInit, subscribe } from "../../harness/calls/events.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { ms, present, span } from "../../harness/calls/tasks.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

function update(subscription: SubscriptionInit, paths: string[] = []) {
  return shared().event.updateSubscription({ subscription, updateMask: { paths } });
}

it("changes what is set, or what the mask names, and nothing else", async () => {
  const name = freshQueue();
  await subscribe(shared(), { name, filter: { types: ["a"] }, maxAttempts: 3, attemptTimeout: span(5_000) });
  expect((await update({ name, filter: { types: ["b"] } })).subscription).toMatchObject({
    filter: { types: ["b"] },
    maxAttempts: 3,
    state: SubscriptionState.LIVE,
  });
  const { subscription } = await update({ name }, ["max_attempts", "attempt_timeout"]);
  expect(subscription).toMatchObject({ filter: { types: ["b"] }, maxAttempts: 0 });
  expect(subscription?.attemptTimeout).toBeUndefined();
  expect((await update({ name, maxAttempts: 4 }, ["*"])).subscription).toMatchObject({
    filter: { types: [] },
    maxAttempts: 4,
  });
  expect((await shared().event.getSubscription({ name })).subscription).toMatchObject({ maxAttempts: 4 });
});

it.each([
  ["subscription", {}],
  ["subscription.name", { subscription: { name: "" } }],
  ["subscription.filter.types[0]", { subscription: { name: "n", filter: { types: ["a..b"] } } }],
  ["subscription.max_attempts", { subscription: { name: "n", maxAttempts: -1 } }],
  ["update_mask.paths[1]", { subscription: { name: "n" }, updateMask: { paths: ["paused", "queue"] } }],
  ["update_mask.paths[0]", { subscription: { name: "n" }, updateMask: { paths: ["__proto__"] } }],
])("refuses %s", async (field, request) => {
  expect(await refusalOf(shared().event.updateSubscription(request))).toMatchObject({ reason: "INVALID_FIELD", field });
});

it("says that there is none, and that one cannot be created paused", async () => {
  const name = freshQueue();
  for (const call of [update({ name, maxAttempts: 2 }), shared().event.getSubscription({ name })]) {
    expect(await refusalOf(call)).toMatchObject({ code: "NOT_FOUND", reason: "SUBSCRIPTION_NOT_FOUND" });
  }
  expect(await refusalOf(subscribe(shared(), { name, paused: true }))).toMatchObject({ field: "subscription.paused" });
});

it("keeps events for a paused one, and delivers each once when it goes on", async () => {
  const name = freshQueue();
  const type = `made.${name}`;
  await subscribe(shared(), { name, filter: { types: [type] } });
  await publish(shared(), { type, id: `${name}-1` });
  await update({ name, paused: true });
  await publish(shared(), { type, id: `${name}-2` });
  expect(await readSubscription(shared(), name)).toMatchObject({
    paused: true,
    state: SubscriptionState.PAUSED,
    waitingCount: 1n,
    runningCount: 0n,
    failedCount: 0n,
  });
  const worker = await connectWorker(shared(), { workerId: name, queues: [name] });
  const [first] = await worker.take(1);
  expect(first?.event?.id).toBe(`${name}-1`);
  await update({ name }, ["paused"]);
  await publish(shared(), { type, id: `${name}-3` });
  expect((await worker.take(2)).map(({ event }) => event?.id)).toEqual([`${name}-2`, `${name}-3`]);
  await worker.end([present(first)], { case: "failed", value: { terminal: true } });
  expect(await readSubscription(shared(), name)).toMatchObject({ runningCount: 2n, failedCount: 1n });
});

it("says since when the oldest delivery waits", async () => {
  const name = freshQueue();
  await subscribe(shared(), { name, filter: { types: [`made.${name}`] } });
  expect((await readSubscription(shared(), name)).oldestWaitingTime).toBeUndefined();
  const before = Date.now();
  await publish(shared(), { type: `made.${name}` });
  const oldest = ms((await readSubscription(shared(), name)).oldestWaitingTime) ?? 0;
  expect(oldest).toBeGreaterThanOrEqual(before - 1_000);
  expect(oldest).toBeLessThanOrEqual(Date.now() + 1_000);
});
