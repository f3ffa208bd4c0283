import { expect, test } from "vitest";
import { BalancingStrategy } from "../../gen/sitq/v1/queue_pb.js";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";

const { ROUND_ROBIN, STICKY, UNSPECIFIED, WEIGHTED } = BalancingStrategy;

async function register(server: Awaited<ReturnType<typeof startServer>>, serviceName: string, instanceId: string) {
  await server.registry.registerInstance({ serviceName, instanceId, address: `10.0.0.1:${instanceId.length}` });
}

test("a service has the settings that it is given, also after a restart, and those of others stay", async () => {
  await using server = await startServer();
  await register(server, "inventory", "a");
  const { service } = await server.registry.updateService({ service: { name: "inventory", strategy: ROUND_ROBIN } });
  expect(service).toMatchObject({ name: "inventory", strategy: ROUND_ROBIN, load: { instanceCount: 1 } });
  await server.registry.updateService({ service: { name: "billing", strategy: STICKY, hashHeader: "x-user" } });
  await server.restart();
  const { services } = await server.registry.listServices({});
  expect(services.map(({ name, strategy, hashHeader }) => [name, strategy, hashHeader])).toEqual([
    ["billing", STICKY, "x-user"],
    ["inventory", ROUND_ROBIN, ""],
  ]);
  expect(services[0]?.load).toBeUndefined();
  const mask = { paths: ["strategy"] };
  await server.registry.updateService({ service: { name: "billing", strategy: WEIGHTED }, updateMask: mask });
  expect((await server.registry.getService({ name: "billing" })).service).toMatchObject({
    strategy: WEIGHTED,
    hashHeader: "",
  });
});

test("a service without instances that is given back its defaults is none any more", async () => {
  await using server = await startServer();
  await server.registry.updateService({ service: { name: "inventry", strategy: ROUND_ROBIN } });
  expect((await server.registry.listServices({})).services).toMatchObject([{ name: "inventry" }]);
  await server.registry.updateService({ service: { name: "inventry", strategy: UNSPECIFIED } });
  expect((await server.registry.listServices({})).services).toEqual([]);
  expect(await refusalOf(server.registry.getService({ name: "inventry" }))).toMatchObject({
    reason: "SERVICE_NOT_FOUND",
  });
});

test("services come in pages", async () => {
  await using server = await startServer();
  for (const name of ["c", "a", "b"]) await register(server, name, "x");
  const first = await server.registry.listServices({ pageSize: 2 });
  expect(first.services.map(({ name }) => name)).toEqual(["a", "b"]);
  const rest = await server.registry.listServices({ pageSize: 2, pageToken: first.nextPageToken });
  expect(rest.services.map(({ name }) => name)).toEqual(["c"]);
  expect(rest.nextPageToken).toBe("");
});

test("a pick that names no strategy follows the service's", async () => {
  await using server = await startServer();
  await register(server, "inventory", "a");
  await register(server, "inventory", "bb");
  await server.registry.updateService({ service: { name: "inventory", strategy: STICKY, hashHeader: "x-user" } });
  await expect(server.registry.pickInstance({ serviceName: "inventory" })).rejects.toMatchObject({ code: 3 });
  const pick = async () =>
    (await server.registry.pickInstance({ serviceName: "inventory", key: "7" })).instance?.instanceId;
  expect(await pick()).toBe(await pick());
});

test.each([
  ["STICKY without a header", { strategy: STICKY }, "service.hash_header"],
  ["a header without STICKY", { strategy: ROUND_ROBIN, hashHeader: "x-user" }, "service.hash_header"],
  ["a header in upper case", { strategy: STICKY, hashHeader: "X-User" }, "service.hash_header"],
  ["a header with binary values", { strategy: STICKY, hashHeader: "x-user-bin" }, "service.hash_header"],
  ["a header of gRPC itself", { strategy: STICKY, hashHeader: "grpc-timeout" }, "service.hash_header"],
  ["a name that no service can have", { name: "no such/name" }, "service.name"],
])("%s is refused, and changes nothing", async (_name, changes, field) => {
  await using server = await startServer();
  await register(server, "inventory", "a");
  const update = server.registry.updateService({ service: { name: "inventory", ...changes } });
  expect(await refusalOf(update)).toMatchObject({ field });
  expect((await server.registry.getService({ name: "inventory" })).service?.strategy).toBe(UNSPECIFIED);
});

test("a service that has neither instances nor settings is not found", async () => {
  await using server = await startServer();
  await expect(server.registry.getService({ name: "inventory" })).rejects.toMatchObject({ code: 5 });
});
