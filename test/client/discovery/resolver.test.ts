import { status } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { register } from "../../registry/registry-harness.ts";
import { connectTo, openTarget, resolverScheme, see, startResolverHarness } from "./discovery-harness.ts";

/** A channel says nothing of what its resolver found: where its calls go is all that shows it. */
const resolved = { timeout: 20_000 };

/** How often each one was called, of so many calls. */
async function callers(call: () => Promise<string>, times = 10): Promise<Record<string, number>> {
  const names: string[] = [];
  for (let n = 0; n < times; n++) names.push(await call());
  const counts = [...Map.groupBy(names, (name) => name)].map(([name, found]) => [name, found.length] as const);
  return Object.fromEntries(counts.sort());
}

it("spreads calls over the instances of a service", async () => {
  await using harness = await startResolverHarness();
  await harness.serveRegistered("a");
  await harness.serveRegistered("b");
  const { call } = harness.open("inventory");
  await expect.poll(() => callers(call, 2), resolved).toEqual({ a: 1, b: 1 });
  expect(await callers(call)).toEqual({ a: 5, b: 5 });
});

it("follows the instances as they come and go, and passes over those that take no calls", async () => {
  const clock = createFakeClock();
  await using harness = await startResolverHarness({ clock });
  const { server } = harness;
  await harness.serveRegistered("a");
  const { call } = harness.open("inventory");
  expect(await callers(call, 3)).toEqual({ a: 3 });

  // One more, as a worker that can be called; and one that cannot.
  const { address } = await harness.serve("c");
  await connectWorker(server, { workerId: "c", service: "inventory", address });
  await connectWorker(server, { workerId: "d", service: "inventory" });
  await expect.poll(() => callers(call, 2), resolved).toEqual({ a: 1, c: 1 });
  await server.worker.drainWorker({ workerId: "c" });
  await expect.poll(() => callers(call, 4), resolved).toEqual({ a: 4 });

  // Neither is one that says that it drains, though it would answer.
  await harness.serveRegistered("f");
  await expect.poll(() => callers(call, 2), resolved).toEqual({ a: 1, f: 1 });
  await server.registry.heartbeat({ serviceName: "inventory", instanceId: "f", draining: true });
  await expect.poll(() => callers(call, 4), resolved).toEqual({ a: 4 });

  // One that missed its heartbeat is called no more, though it would answer.
  await harness.serveRegistered("b", { ttl: { seconds: 5n } });
  await expect.poll(() => callers(call, 2), resolved).toEqual({ a: 1, b: 1 });
  clock.advance(5_000);
  await expect.poll(() => callers(call, 4), resolved).toEqual({ a: 4 });

  await server.registry.deregisterInstance({ serviceName: "inventory", instanceId: "a" });
  const outcome = () => call().catch(({ code, message }) => `${code} ${message}`);
  await expect.poll(outcome, resolved).toBe(`${status.UNAVAILABLE} inventory has no instance that takes calls`);
  await harness.serveRegistered("e");
  await expect.poll(outcome, resolved).toBe("e");
});

it("takes only those with the metadata of the target", async () => {
  await using harness = await startResolverHarness();
  for (const zone of ["a", "b"]) await harness.serveRegistered(zone, { metadata: { zone, "a b": "c&d" } });
  const query = new URLSearchParams({ zone: "b", "a b": "c&d" });
  expect(await callers(harness.open(`inventory?${query}`).call)).toEqual({ b: 10 });
});

it("calls the last instances that were known while the server is away", async () => {
  await using harness = await startResolverHarness();
  await harness.serveRegistered("a");
  const seen = see(harness.client, "inventory");
  const { call } = harness.open("inventory");
  expect(await call()).toBe("a");
  await harness.server.app.close(0);
  await seen.broken(2);
  expect(await callers(call, 5)).toEqual({ a: 5 });
});

it("does not let calls hang where nobody says where the service is", async () => {
  const scheme = resolverScheme(connectTo("127.0.0.1:1"));
  await expect(openTarget(`${scheme}:///inventory`).call()).rejects.toMatchObject({
    code: status.UNAVAILABLE,
    message: expect.stringContaining("sitq at 127.0.0.1:1 does not say where inventory is"),
  });
});

const retries = [
  { name: [{}], retryPolicy: { maxAttempts: 3, ...policyTimes(), retryableStatusCodes: ["UNAVAILABLE"] } },
];

function policyTimes() {
  return { initialBackoff: "0.01s", maxBackoff: "0.1s", backoffMultiplier: 2 };
}

it.each([
  ["no policy, but retries", { methodConfig: retries }],
  ["no policy, but a timeout", { methodConfig: [{ name: [{}], timeout: "9.5s" }] }],
  ["an empty list", { loadBalancingConfig: [], methodConfig: retries }],
  ["round_robin", { loadBalancingConfig: [{ round_robin: {} }] }],
  ["round_robin in the older form", { loadBalancingPolicy: "round_robin" }],
])("spreads calls where the channel's own service config names %s", async (_, config) => {
  await using harness = await startResolverHarness();
  for (const name of ["a", "b"]) await harness.serveRegistered(name);
  const { call } = harness.open("inventory", { "grpc.service_config": JSON.stringify(config) });
  await expect.poll(() => callers(call, 2), resolved).toEqual({ a: 1, b: 1 });
  expect(await callers(call)).toEqual({ a: 5, b: 5 });
});

it.each([{ loadBalancingConfig: [{ pick_first: {} }] }, { loadBalancingPolicy: "pick_first" }])(
  "leaves the balancing to a channel whose own service config names a policy: %j",
  async (config) => {
    await using harness = await startResolverHarness();
    for (const name of ["a", "b"]) await harness.serveRegistered(name);
    const { call } = harness.open("inventory", { "grpc.service_config": JSON.stringify(config) });
    expect(Object.values(await callers(call))).toEqual([10]);
  },
);

it.each(["round_robin", "pick_first"])(
  "lets calls fail with a text once the last instance is gone, and go on with the next, under %s",
  async (policy) => {
    await using harness = await startResolverHarness();
    await harness.serveRegistered("a");
    const config = JSON.stringify({ loadBalancingConfig: [{ [policy]: {} }], methodConfig: retries });
    const { call } = harness.open("inventory", { "grpc.service_config": config });
    const outcome = () => call().catch(({ code, message }) => `${code} ${message}`);
    expect(await outcome()).toBe("a");
    for (const next of ["b", "c"]) {
      const { instances } = await harness.server.registry.discoverInstances({});
      for (const { serviceName, instanceId } of instances) {
        await harness.server.registry.deregisterInstance({ serviceName, instanceId });
      }
      // The process is still there, and would answer.
      await expect.poll(outcome, resolved).toBe(`${status.UNAVAILABLE} inventory has no instance that takes calls`);
      await harness.serveRegistered(next);
      await expect.poll(outcome, resolved).toBe(next);
    }
  },
);

it("serves several channels, and ends its watch with each", async () => {
  await using harness = await startResolverHarness();
  await harness.serveRegistered("a");
  await register(harness.server, { serviceName: "shipping", address: (await harness.serve("s")).address });
  const [first, second, other] = [harness.open("inventory"), harness.open("inventory"), harness.open("shipping")];
  expect([await first.call(), await second.call(), await other.call()]).toEqual(["a", "a", "s"]);
  // A stream that went on would have to be cut off at the server's end, which the harness looks at.
  first.close();
  expect(await second.call()).toBe("a");
});

it.each(["//server/inventory", "///", "///a/b", "///?zone=b"])(
  "refuses a target that names no service when the channel is made: %s",
  (rest) => {
    const scheme = resolverScheme(connectTo("127.0.0.1:1"));
    expect(() => createChannel(`${scheme}:${rest}`)).toThrow(`A target of ${scheme} is ${scheme}:///SERVICE`);
  },
);
