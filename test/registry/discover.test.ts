import { expect, it } from "vitest";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { register } from "./registry-harness.ts";

const shared = shareServer();

it("lists nothing where nobody is", async () => {
  expect(await shared().registry.discoverInstances({ serviceName: freshQueue() })).toMatchObject({
    instances: [],
    nextPageToken: "",
  });
});

it("lists by service and id, page by page, also while others come and go", async () => {
  await using server = await startServer();
  const names = ["b-1", "a-3", "a-1", "c-1", "a-2", "a-10"];
  for (const name of names) {
    const [serviceName = "", instanceId = ""] = name.split("-");
    await register(server, { serviceName, instanceId });
  }
  const page = async (pageToken: string) => {
    const { instances, nextPageToken } = await server.registry.discoverInstances({ pageSize: 2, pageToken });
    return { names: instances.map((each) => `${each.serviceName}-${each.instanceId}`), nextPageToken };
  };
  const first = await page("");
  expect(first.names).toEqual(["a-1", "a-10"]);
  await server.registry.deregisterInstance({ serviceName: "a", instanceId: "10" });
  await register(server, { serviceName: "a", instanceId: "0" });
  const second = await page(first.nextPageToken);
  expect(second.names).toEqual(["a-2", "a-3"]);
  const third = await page(second.nextPageToken);
  expect(third).toEqual({ names: ["b-1", "c-1"], nextPageToken: "" });
});

it("takes a page token for its own query alone", async () => {
  const serviceName = freshQueue();
  for (const instanceId of ["a", "b"]) await register(shared(), { serviceName, instanceId });
  const { nextPageToken: pageToken } = await shared().registry.discoverInstances({ serviceName, pageSize: 1 });
  expect(pageToken).not.toBe("");
  for (const other of [{}, { serviceName, includeUnhealthy: true }, { serviceName, metadata: { a: "b" } }]) {
    const refusal = await refusalOf(shared().registry.discoverInstances({ ...other, pageToken }));
    expect(refusal).toMatchObject({ reason: "INVALID_PAGE_TOKEN", field: "page_token" });
  }
});

it("filters by metadata, all of them", async () => {
  const serviceName = freshQueue();
  await register(shared(), { serviceName, instanceId: "a", metadata: { zone: "b", version: "2" } });
  await register(shared(), { serviceName, instanceId: "b", metadata: { zone: "b", version: "1" } });
  await register(shared(), { serviceName, instanceId: "c" });
  const found = async (metadata: Record<string, string>) => {
    const { instances } = await shared().registry.discoverInstances({ serviceName, metadata });
    return instances.map(({ instanceId }) => instanceId).join("");
  };
  expect(await found({ zone: "b" })).toBe("ab");
  expect(await found({ zone: "b", version: "2" })).toBe("a");
  expect(await found({ zone: "B" })).toBe("");
  expect(await found({ toString: "" })).toBe("");
  expect(await found({})).toBe("abc");
});

it("keeps a page of large instances below what a client takes, and goes on from there", async () => {
  const serviceName = freshQueue();
  const metadata = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`key-${index}`, "x".repeat(1_000)]));
  const ids = Array.from({ length: 300 }, (_, index) => String(index).padStart(3, "0"));
  await Promise.all(ids.map((instanceId) => register(shared(), { serviceName, instanceId, metadata })));
  const found: string[] = [];
  let pages = 0;
  for (let pageToken = ""; pages === 0 || pageToken !== ""; pages++) {
    const answer = await shared().registry.discoverInstances({ serviceName, pageSize: 1_000, pageToken });
    found.push(...answer.instances.map(({ instanceId }) => instanceId));
    pageToken = answer.nextPageToken;
  }
  expect(found).toEqual(ids);
  expect(pages).toBe(2);
});

it("sums up the load of services, over healthy instances", async () => {
  await using server = await startServer();
  await register(server, { serviceName: "b", instanceId: "1", capacity: 10, currentLoad: 4 });
  await register(server, { serviceName: "b", instanceId: "2", capacity: 30, currentLoad: 6 });
  await register(server, { serviceName: "a", instanceId: "1", capacity: 5, currentLoad: 9 });
  await server.registry.pickInstance({ serviceName: "b" });
  const { services } = await server.registry.getLoadStatistics({});
  const counts = { instanceCount: 2, healthyInstanceCount: 2 };
  const b = { serviceName: "b", ...counts, capacity: 40n, currentLoad: 11n, utilization: 11 / 40 };
  expect(services).toMatchObject([{ serviceName: "a", instanceCount: 1, capacity: 5n, utilization: 9 / 5 }, b]);
  expect((await server.registry.getLoadStatistics({ serviceName: "b" })).services).toMatchObject([b]);
  expect((await server.registry.getLoadStatistics({ serviceName: "c" })).services).toEqual([]);
});
