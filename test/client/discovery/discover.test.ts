import { expect, it } from "vitest";
import { discover } from "../../../src/client/index.ts";
import { register } from "../../registry/lab.ts";
import { startServer } from "../../support/server.ts";
import { connectTo } from "./lab.ts";

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
