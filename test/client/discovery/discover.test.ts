import { expect, it } from "vitest";
import { checkHealth, discover } from "../../../src/client/index.ts";
import { startServer } from "../../harness/server.ts";
import { register } from "../../registry/registry-harness.ts";
import { connectTo } from "./discovery-harness.ts";

it("answers the instances of a service as plain objects, by metadata and state", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  await register(server, { instanceId: "a", capacity: 7, metadata: { zone: "a" } });
  await register(server, { instanceId: "b", metadata: { zone: "b" }, currentLoad: 2 });
  await register(server, { serviceName: "shipping", instanceId: "c" });
  const all = await discover(client, "inventory");
  expect(all).toMatchObject([
    { instanceId: "a", state: "HEALTHY", source: "REGISTRATION", capacity: 7, ttlMs: 30_000 },
    { instanceId: "b", currentLoad: 2, registerTime: expect.any(Date) },
  ]);
  expect(JSON.parse(JSON.stringify(all))).toHaveLength(2);
  expect(await discover(client, "inventory", { metadata: { zone: "b" } })).toMatchObject([{ instanceId: "b" }]);
  expect((await discover(client, "", { pageSize: 1 })).map(({ instanceId }) => instanceId)).toEqual(["a", "b", "c"]);
  expect(await discover(client, "nobody")).toEqual([]);
  await expect(discover(client, "no blanks")).rejects.toMatchObject({ field: "service_name" });
});

it("answers what the instances say of themselves as plain objects, of one service, one instance or all", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  await register(server, { instanceId: "a", address: server.address });
  await register(server, { instanceId: "b", address: "127.0.0.1:1" });
  await register(server, { serviceName: "shipping", instanceId: "c", metadata: { health_check: "smoke" } });
  const all = await checkHealth(client);
  expect(all.map(({ instance, status }) => [instance?.instanceId, status])).toEqual([
    ["a", "SERVING"],
    ["b", "UNREACHABLE"],
    ["c", "UNKNOWN"],
  ]);
  expect(all[0]).toMatchObject({ latencyMs: expect.any(Number), instance: { state: "HEALTHY" } });
  expect(await checkHealth(client, "inventory", { instanceId: "b", timeoutMs: 500 })).toHaveLength(1);
  await expect(checkHealth(client, "nobody")).rejects.toMatchObject({ reason: "SERVICE_NOT_FOUND" });
  await expect(checkHealth(client, "inventory", { timeout: 5 } as never)).rejects.toMatchObject({ field: "timeout" });
});
