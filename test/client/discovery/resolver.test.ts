import { status } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { register } from "../../registry/registry-harness.ts";
import { connectTo, openTarget, resolverScheme, see, startResolverLab } from "./discovery-harness.ts";

/** How often each one was called, of so many calls. */
async function callers(call: () => Promise<string>, times = 10): Promise<Record<string, number>> {
  const names: string[] = [];
  for (let n = 0; n < times; n++) names.push(await call());
  const counts = [...Map.groupBy(names, (name) => name)].map(([name, found]) => [name, found.length] as const);
  return Object.fromEntries(counts.sort());
}

it("spreads calls over the instances of a service", async () => {
  await using lab = await startResolverLab();
  await lab.serveRegistered("a");
  await lab.serveRegistered("b");
  const { call } = lab.open("inventory");
  await expect.poll(() => callers(call, 2)).toEqual({ a: 1, b: 1 });
  expect(await callers(call)).toEqual({ a: 5, b: 5 });
});

it("follows the instances as they come and go, and passes over those that take no calls", async () => {
  const clock = createFakeClock();
  await using lab = await startResolverLab({ clock });
  const { server } = lab;
  await lab.serveRegistered("a");
  const { call } = lab.open("inventory");
  expect(await callers(call, 3)).toEqual({ a: 3 });

  // One more, as a worker that can be called; and one that cannot.
  const { address } = await lab.serve("c");
  await connectWorker(server, { workerId: "c", service: "inventory", address });
  await connectWorker(server, { workerId: "d", service: "inventory" });
  await expect.poll(() => callers(call, 2)).toEqual({ a: 1, c: 1 });
  await server.worker.drainWorker({ workerId: "c" });
  await expect.poll(() => callers(call, 4)).toEqual({ a: 4 });

  // One that missed its heartbeat is called no more, though it would answer.
  await lab.serveRegistered("b", { ttl: { seconds: 5n } });
  await expect.poll(() => callers(call, 2)).toEqual({ a: 1, b: 1 });
  clock.advance(5_000);
  await expect.poll(() => callers(call, 4)).toEqual({ a: 4 });

  await server.registry.deregisterInstance({ serviceName: "inventory", instanceId: "a" });
  const outcome = () => call().catch(({ code, message }) => `${code} ${message}`);
  await expect.poll(outcome).toBe(`${status.UNAVAILABLE} inventory has no instance that takes calls`);
  await lab.serveRegistered("e");
  await expect.poll(outcome).toBe("e");
});

it("takes only those with the metadata of the target", async () => {
  await using lab = await startResolverLab();
  for (const zone of ["a", "b"]) await lab.serveRegistered(zone, { metadata: { zone, "a b": "c&d" } });
  const query = new URLSearchParams({ zone: "b", "a b": "c&d" });
  expect(await callers(lab.open(`inventory?${query}`).call)).toEqual({ b: 10 });
});

it("calls the last instances that were known while the server is away", async () => {
  await using lab = await startResolverLab();
  await lab.serveRegistered("a");
  const seen = see(lab.client, "inventory");
  const { call } = lab.open("inventory");
  expect(await call()).toBe("a");
  await lab.server.app.close(0);
  await expect.poll(() => seen.breaks, { timeout: 10_000 }).toBeGreaterThan(1);
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
  await using lab = await startResolverLab();
  for (const name of ["a", "b"]) await lab.serveRegistered(name);
  const { call } = lab.open("inventory", { "grpc.service_config": JSON.stringify(config) });
  await expect.poll(() => callers(call, 2)).toEqual({ a: 1, b: 1 });
  expect(await callers(call)).toEqual({ a: 5, b: 5 });
});

it.each([{ loadBalancingConfig: [{ pick_first: {} }] }, { loadBalancingPolicy: "pick_first" }])(
  "leaves the balancing to a channel whose own service config names a policy: %j",
  async (config) => {
    await using lab = await startResolverLab();
    for (const name of ["a", "b"]) await lab.serveRegistered(name);
    const { call } = lab.open("inventory", { "grpc.service_config": JSON.stringify(config) });
    expect(Object.values(await callers(call))).toEqual([10]);
  },
);

it.each(["round_robin", "pick_first"])(
  "lets calls fail with a text once the last instance is gone, and go on with the next, under %s",
  async (policy) => {
    await using lab = await startResolverLab();
    await lab.serveRegistered("a");
    const config = JSON.stringify({ loadBalancingConfig: [{ [policy]: {} }], methodConfig: retries });
    const { call } = lab.open("inventory", { "grpc.service_config": config });
    const outcome = () => call().catch(({ code, message }) => `${code} ${message}`);
    expect(await outcome()).toBe("a");
    for (const next of ["b", "c"]) {
      const { instances } = await lab.server.registry.discoverInstances({});
      for (const { serviceName, instanceId } of instances) {
        await lab.server.registry.deregisterInstance({ serviceName, instanceId });
      }
      // The process is still there, and would answer.
      await expect.poll(outcome).toBe(`${status.UNAVAILABLE} inventory has no instance that takes calls`);
      await lab.serveRegistered(next);
      await expect.poll(outcome).toBe(next);
    }
  },
);

it("serves several channels, and ends its watch with each", async () => {
  await using lab = await startResolverLab();
  await lab.serveRegistered("a");
  await register(lab.server, { serviceName: "shipping", address: (await lab.serve("s")).address });
  const [first, second, other] = [lab.open("inventory"), lab.open("inventory"), lab.open("shipping")];
  expect([await first.call(), await second.call(), await other.call()]).toEqual(["a", "a", "s"]);
  // A stream that went on would have to be cut off at the server's end, which the lab looks at.
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
