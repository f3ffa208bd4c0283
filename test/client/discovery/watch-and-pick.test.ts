import { describe, expect, it } from "vitest";
import { BalancingStrategy, pickInstance, watchInstances } from "../../../src/client/index.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { startServer } from "../../harness/server.ts";
import { register } from "../../registry/registry-harness.ts";
import { connectTo, see } from "./discovery-harness.ts";

const ids = (instances: readonly { readonly instanceId: string }[]) =>
  instances.map(({ instanceId }) => instanceId).sort();

describe("watchInstances", () => {
  it("tells all that there are, and again when something changes", async () => {
    await using server = await startServer();
    await register(server, { instanceId: "a" });
    const seen = see(connectTo(server.address), "inventory");
    await seen.until((instances) => ids(instances).join() === "a");
    await register(server, { instanceId: "b" });
    await seen.until((instances) => ids(instances).join() === "a,b");
    await register(server, { instanceId: "b", capacity: 7 });
    await seen.until((instances) => instances.some(({ capacity }) => capacity === 7));
    await server.registry.deregisterInstance({ serviceName: "inventory", instanceId: "a" });
    await seen.until((instances) => ids(instances).join() === "b");
  });

  it("puts a large beginning together before it tells anything", async () => {
    await using server = await startServer();
    const names = Array.from({ length: 250 }, (_, index) => `i${index}`);
    await Promise.all(names.map((instanceId) => register(server, { instanceId })));
    const told: number[] = [];
    const first = Promise.withResolvers<void>();
    const watch = watchInstances(connectTo(server.address), {
      onChange(instances) {
        told.push(instances.length);
        first.resolve();
      },
    });
    await first.promise;
    watch.close();
    expect(told).toEqual([250]);
  });

  it("knows what it knew while the server is away, and goes on after", async () => {
    await using server = await startServer();
    await register(server, { instanceId: "a" });
    await register(server, { instanceId: "b" });
    const client = connectTo(server.address);
    const seen = see(client, "inventory");
    await seen.until((instances) => instances.length === 2);
    await server.restart();
    await seen.broken();
    expect(ids(seen.instances)).toEqual(["a", "b"]);
    await server.registry.deregisterInstance({ serviceName: "inventory", instanceId: "a" });
    await seen.until((instances) => ids(instances).join() === "b");
  });

  it("keeps workers for a while that a server does not know yet after its restart", async () => {
    await using server = await startServer();
    await connectWorker(server, { workerId: "w", service: "inventory", address: "h:1" });
    await register(server, { instanceId: "a" });
    const seen = see(connectTo(server.address), "inventory");
    await seen.until((instances) => ids(instances).join() === "a,w");
    await server.restart();
    await register(server, { instanceId: "b" });
    await seen.until((instances) => ids(instances).join() === "a,b,w");
    // It comes back, and its end is the end.
    const worker = await connectWorker(server, { workerId: "w", service: "inventory", address: "h:2" });
    await seen.until((instances) => instances.some(({ address }) => address === "h:2"));
    worker.cut();
    await seen.until((instances) => ids(instances).join() === "a,b");
  });
});

describe("pickInstance", () => {
  it("reserves a place until it is released or the block ends", async () => {
    await using server = await startServer();
    const client = connectTo(server.address);
    await register(server, { capacity: 1 });
    const picked = await pickInstance(client, { service: "inventory" });
    expect(picked).toMatchObject({ address: "127.0.0.1:1", instance: { instanceId: "a", currentLoad: 1 } });
    await expect(pickInstance(client, { service: "inventory" })).rejects.toMatchObject({ reason: "SERVICE_FULL" });
    await picked.release();
    await picked.release();
    {
      await using again = await pickInstance(client, { service: "inventory" });
      expect(again.instance.instanceId).toBe("a");
    }
    await using last = await pickInstance(client, { service: "inventory", reservationMs: 0 });
    expect(last.instance.currentLoad).toBe(0);
  });

  it("takes a strategy, a key and metadata", async () => {
    await using server = await startServer();
    const client = connectTo(server.address);
    for (const instanceId of ["a", "b", "c"]) {
      await register(server, { instanceId, metadata: { zone: instanceId === "c" ? "y" : "x" } });
    }
    const options = { service: "inventory", strategy: BalancingStrategy.STICKY, metadata: { zone: "x" } };
    const places = await Promise.all(
      Array.from(
        { length: 30 },
        async (_, n) => (await pickInstance(client, { ...options, key: `k${n % 10}` })).instance.instanceId,
      ),
    );
    expect(places.slice(0, 10)).toEqual(places.slice(10, 20));
    expect(new Set(places)).toEqual(new Set(["a", "b"]));
  });

  it("does not throw when a place cannot be given back", async () => {
    await using server = await startServer();
    const client = connectTo(server.address);
    await register(server);
    const picked = await pickInstance(client, { service: "inventory" });
    await server.stop();
    await picked.release();
  });
});
