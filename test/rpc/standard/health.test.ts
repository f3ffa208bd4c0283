import { expect, it } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from "../../../gen/grpc/health/v1/health_pb.js";
import { ServerReflection as ReflectionV1 } from "../../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ReflectionV1Alpha } from "../../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { createHealthRegistry } from "../../../src/rpc/standard/health-registry.ts";
import { failureOf, startRpcHarness } from "../rpc-harness.ts";

const services = ["", ...[QueueService, WorkerService, Health, ReflectionV1, ReflectionV1Alpha].map((s) => s.typeName)];

it.each(services)("tells of the service %j", async (service) => {
  const harness = await startRpcHarness();
  const client = harness.client(Health);
  expect(await client.check({ service })).toMatchObject({ status: ServingStatus.NOT_SERVING });
  harness.server.health.setAll(true);
  expect(await client.check({ service })).toMatchObject({ status: ServingStatus.SERVING });
  harness.server.health.set(service, ServingStatus.NOT_SERVING);
  expect(await client.check({ service })).toMatchObject({ status: ServingStatus.NOT_SERVING });
});

it("does not know other services", async () => {
  const harness = await startRpcHarness();
  const error = await failureOf(harness.client(Health).check({ service: "sitq.v1.Nothing" }));
  expect(error).toMatchObject({ codeName: "NOT_FOUND", reason: "SERVICE_NOT_FOUND", field: "service" });
});

it("lists every service", async () => {
  const harness = await startRpcHarness();
  harness.server.health.setAll(true);
  const { statuses } = await harness.client(Health).list({});
  expect(Object.keys(statuses).toSorted()).toEqual(services.toSorted());
  expect(new Set(Object.values(statuses).map(({ status }) => status))).toEqual(new Set([ServingStatus.SERVING]));
});

it("watches: the status as it is, then each change, and nothing twice", async () => {
  const harness = await startRpcHarness();
  const { health } = harness.server;
  const abort = new AbortController();
  const watch = harness.client(Health).watch({ service: "" }, { signal: abort.signal })[Symbol.asyncIterator]();
  const next = async () => (await watch.next()).value?.status;
  expect(await next()).toBe(ServingStatus.NOT_SERVING);
  health.setAll(true);
  expect(await next()).toBe(ServingStatus.SERVING);
  health.setAll(true);
  health.set("sitq.v1.QueueService", ServingStatus.NOT_SERVING);
  health.setAll("draining");
  expect(await next()).toBe(ServingStatus.NOT_SERVING);
  abort.abort();
  expect(await failureOf(next())).toMatchObject({ codeName: "CANCELLED" });
});

it("watches a service that is not there until it is", async () => {
  const harness = await startRpcHarness();
  const watch = harness.client(Health).watch({ service: "sitq.v1.Later" })[Symbol.asyncIterator]();
  expect((await watch.next()).value?.status).toBe(ServingStatus.SERVICE_UNKNOWN);
  harness.server.health.set("sitq.v1.Later", ServingStatus.SERVING);
  expect((await watch.next()).value?.status).toBe(ServingStatus.SERVING);
});

it("tells watchers that the server stops, and lets it stop", async () => {
  const harness = await startRpcHarness();
  harness.server.health.setAll(true);
  const watch = harness.client(Health).watch({ service: "" })[Symbol.asyncIterator]();
  await watch.next();
  const stopped = harness.server.stop(20_000);
  expect((await watch.next()).value?.status).toBe(ServingStatus.NOT_SERVING);
  expect(await failureOf(watch.next())).toMatchObject({ codeName: "UNAVAILABLE", reason: "DRAINING" });
  await stopped;
});

it("forgets who has stopped listening", () => {
  const registry = createHealthRegistry(["a"]);
  let told = 0;
  const stop = registry.onChange(() => told++);
  registry.setAll(true);
  stop();
  registry.setAll("draining");
  expect(told).toBe(1);
});
