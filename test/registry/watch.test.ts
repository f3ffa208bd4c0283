import { expect, it } from "vitest";
import { refusalIn, refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { register, watchInstances } from "./registry-harness.ts";

const shared = shareServer();

it("begins with an empty snapshot where nobody is", async () => {
  const watch = await watchInstances(shared(), { serviceName: freshQueue() });
  expect(watch.messages).toMatchObject([{ snapshot: true, changes: [] }]);
  expect(watch.resumeToken).not.toBe("");
});

it("begins with all that match, then tells what changes, and nothing of others or of loads", async () => {
  const serviceName = freshQueue();
  const metadata = { zone: "b" };
  await register(shared(), { serviceName, instanceId: "a", metadata });
  await register(shared(), { serviceName, instanceId: "b" });
  const watch = await watchInstances(shared(), { serviceName, metadata });
  await register(shared(), { serviceName: freshQueue(), metadata });
  await shared().registry.heartbeat({ serviceName, instanceId: "a", currentLoad: 5 });
  await shared().registry.pickInstance({ serviceName });
  await register(shared(), { serviceName, instanceId: "c", metadata });
  // What stops to match is gone for this watcher, with what it last knew of it; what begins to match is new.
  await register(shared(), { serviceName, instanceId: "a", metadata: { zone: "c" }, address: "h:1" });
  await register(shared(), { serviceName, instanceId: "b", metadata });
  await register(shared(), { serviceName, instanceId: "b", metadata, capacity: 7 });
  await shared().registry.deregisterInstance({ serviceName, instanceId: "c" });
  await watch.saw("REMOVED c:HEALTHY");
  expect(watch.changes).toEqual([
    "ADDED a:HEALTHY",
    "ADDED c:HEALTHY",
    "REMOVED a:HEALTHY",
    "ADDED b:HEALTHY",
    "UPDATED b:HEALTHY",
    "REMOVED c:HEALTHY",
  ]);
  const [, , removed] = watch.messages.flatMap(({ changes }) => changes);
  expect(removed?.instance).toMatchObject({ metadata, address: "127.0.0.1:1" });
  expect(watch.messages.map(({ snapshot }) => snapshot)).toEqual([
    true,
    ...Array(watch.messages.length - 1).fill(false),
  ]);
});

it("goes on from the last token: what changed since, once, and no snapshot", async () => {
  const serviceName = freshQueue();
  await register(shared(), { serviceName, instanceId: "a" });
  const first = await watchInstances(shared(), { serviceName });
  first.end();
  const quiet = await watchInstances(shared(), { serviceName, resumeToken: first.resumeToken });
  expect(quiet.messages).toMatchObject([{ snapshot: false, changes: [] }]);
  quiet.end();
  for (let i = 0; i < 250; i++) await register(shared(), { serviceName, instanceId: `b${i}` });
  await shared().registry.deregisterInstance({ serviceName, instanceId: "a" });
  const second = await watchInstances(shared(), { serviceName, resumeToken: quiet.resumeToken });
  await second.saw("REMOVED a:HEALTHY");
  expect(second.messages.every(({ snapshot, resumeToken }) => !snapshot && resumeToken !== "")).toBe(true);
  expect(second.changes).toEqual([
    ...Array.from({ length: 250 }, (_, index) => `ADDED b${index}:HEALTHY`),
    "REMOVED a:HEALTHY",
  ]);
  // From a message in the middle it goes on there.
  const half = await watchInstances(shared(), { serviceName, resumeToken: second.messages[1]?.resumeToken ?? "" });
  await half.saw("REMOVED a:HEALTHY");
  expect(half.changes).toHaveLength(51);
});

it("sends a large snapshot in parts, of which the last has the token", async () => {
  const serviceName = freshQueue();
  const ids = Array.from({ length: 320 }, (_, index) => `i${String(index).padStart(3, "0")}`);
  for (const instanceId of ids) await register(shared(), { serviceName, instanceId });
  const watch = await watchInstances(shared(), { serviceName });
  expect(watch.changes).toEqual(ids.map((id) => `ADDED ${id}:HEALTHY`));
  const parts = watch.messages.map(({ snapshot, changes, resumeToken }) => [
    snapshot,
    changes.length,
    resumeToken !== "",
  ]);
  expect(parts).toEqual([
    [true, 100, false],
    [false, 100, false],
    [false, 100, false],
    [false, 20, true],
  ]);
});

it.each([
  ["nonsense", async () => "nonsense"],
  ["that of another query", async () => (await watchInstances(shared(), {})).resumeToken],
])("begins anew for a token that it does not know: %s", async (_name, token) => {
  const serviceName = freshQueue();
  await register(shared(), { serviceName });
  const watch = await watchInstances(shared(), { serviceName, resumeToken: await token() });
  expect(watch.messages).toMatchObject([{ snapshot: true, changes: [{ instance: { instanceId: "a" } }] }]);
});

it("begins anew after a restart of the server", async () => {
  await using server = await startServer();
  await register(server);
  const before = await watchInstances(server);
  await register(server, { instanceId: "b" });
  await before.saw("ADDED b:HEALTHY");
  await server.restart();
  expect(refusalIn(await before.ended)).toMatchObject({ code: "UNAVAILABLE", reason: "DRAINING", retryAfterMs: 1_000 });
  const after = await watchInstances(server, { resumeToken: before.resumeToken });
  expect(after.messages).toMatchObject([{ snapshot: true, changes: [{}, {}] }]);
});

it.each([
  ["service_name", { serviceName: "?" }],
  ["metadata", { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`k${index}`, ""])) }],
])("names the field of a watch that is not valid: %s", async (field, request) => {
  const ended = shared().registry.watchInstances(request)[Symbol.asyncIterator]().next();
  expect(await refusalOf(ended)).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
});
