import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { create } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../gen/grpc/health/v1/health_pb.js";
import { HealthStatus } from "../../gen/sitq/v1/registry_service_pb.js";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { ms, present, span } from "../harness/calls/tasks.ts";
import { createCondition } from "../harness/condition.ts";
import { serveHealth } from "../harness/health-service.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { register } from "./registry-harness.ts";

const shared = shareServer();
const metadata = { health_check: "http" };

/** A gRPC server, with a health service that says this; `null`: without one. */
async function serveGrpc(status: ServingStatus | null): Promise<string> {
  const handlers = {
    check: async () => create(HealthCheckResponseSchema, { status: status ?? ServingStatus.UNKNOWN }),
    list: async () => create(HealthListResponseSchema),
    watch: async () => undefined,
  };
  const server = await serveHealth(status === null ? null : handlers);
  onTestFinished(() => server.close());
  return server.address;
}

async function listening(server: TcpServer, host = "127.0.0.1"): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return host === "::1" ? `[::1]:${address.port}` : `${host}:${address.port}`;
}

/** An HTTP server that answers so. */
async function serveHttp(answer: RequestListener, host?: string): Promise<string> {
  const server = createHttpServer(answer);
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return listening(server, host);
}

const answering =
  (code: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(code, headers).end();

/** An address that takes connections and says nothing; resolves with how many it had. */
async function serveSilence() {
  const condition = createCondition();
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections++;
    condition.changed();
    socket.on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
  });
  onTestFinished(() => void server.close());
  const address = await listening(server);
  return {
    address,
    /** Resolves once there have been so many connections. */
    connected: (n: number) => condition.until(() => connections >= n, `${n} connections`),
  };
}

/** An address where nobody is. */
async function nowhere(): Promise<string> {
  const server = createTcpServer();
  const address = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return address;
}

/** Registers one instance and asks it; answers the status's name and the message. */
async function ask(address: string, more: Record<string, string> = {}, timeoutMs = 5_000) {
  const serviceName = freshQueue();
  await register(shared(), { serviceName, address, metadata: more });
  const { results } = await shared().registry.checkHealth({ serviceName, timeout: span(timeoutMs) });
  const [{ status, message, latency } = present(results[0])] = results;
  expect(results).toHaveLength(1);
  return { status: HealthStatus[status], message, latencyMs: ms(latency) };
}

describe("over grpc.health.v1", () => {
  it.each([
    [ServingStatus.SERVING, "SERVING", ""],
    [ServingStatus.NOT_SERVING, "NOT_SERVING", "Health is NOT_SERVING."],
    [ServingStatus.UNKNOWN, "UNKNOWN", "Health is UNKNOWN."],
  ])("hears what the instance says: %s", async (said, status, message) => {
    const answer = await ask(await serveGrpc(said), said === ServingStatus.SERVING ? { health_check: "grpc" } : {});
    expect(answer).toMatchObject({ status, message });
    expect(answer.latencyMs).toBeGreaterThan(0);
  });

  it("does not know how one is that has no health service", async () => {
    expect(await ask(await serveGrpc(null))).toMatchObject({
      status: "UNKNOWN",
      message: "The instance does not serve grpc.health.v1.",
    });
  });

  it("asks sitq itself", async () => {
    expect(await ask(shared().address)).toMatchObject({ status: "SERVING" });
  });
});

describe("over HTTP", () => {
  it.each([
    [200, "SERVING", ""],
    [204, "SERVING", ""],
    [503, "NOT_SERVING", "Answered 503."],
    [429, "NOT_SERVING", "Answered 429."],
    [404, "UNKNOWN", "Answered 404: there is no such health_path."],
  ])("takes 200 to 299 for healthy: %s", async (code, status, message) => {
    expect(await ask(await serveHttp(answering(code)), metadata)).toMatchObject({ status, message });
  });

  it("asks for the path that the metadata name, /health by default, also over IPv6", async () => {
    const paths: (string | undefined)[] = [];
    const address = await serveHttp((request, response) => {
      paths.push(`${request.method} ${request.url}`);
      response.end();
    }, "::1");
    expect(await ask(address, metadata)).toMatchObject({ status: "SERVING" });
    expect(await ask(address, { ...metadata, health_path: "/ready?deep=1" })).toMatchObject({ status: "SERVING" });
    expect(paths).toEqual(["GET /health", "GET /ready?deep=1"]);
  });

  it("follows no redirect", async () => {
    let followed = false;
    const target = await serveHttp((_request, response) => {
      followed = true;
      response.end();
    });
    const address = await serveHttp(answering(302, { location: `http://${target}/health` }));
    expect(await ask(address, metadata)).toMatchObject({
      status: "UNKNOWN",
      message: "Answered 302: redirects are not followed.",
    });
    expect(followed).toBe(false);
  });

  it("does not wait for a body that has no end", async () => {
    const closed = Promise.withResolvers<void>();
    const address = await serveHttp((_request, response) => {
      response.writeHead(200);
      const more = () => void response.write("x".repeat(65_536));
      response.on("drain", more);
      response.on("close", closed.resolve);
      more();
    });
    expect(await ask(address, metadata)).toMatchObject({ status: "SERVING" });
    await closed.promise;
  });

  it.each([
    [{ health_path: "http://127.0.0.1:1/" }, "Its metadata health_path does not begin with"],
    [{ health_path: "/a b" }, "unescaped characters"],
    [{ health_check: "ping" }, 'Its metadata health_check is "ping", not grpc or http.'],
  ])("does not know how one is that says nonsense of its health: %j", async (nonsense, message) => {
    const answer = await ask(await nowhere(), { ...metadata, ...nonsense });
    expect(answer).toMatchObject({ status: "UNKNOWN", message: expect.stringContaining(message) });
  });

  it("takes what is not HTTP for no answer", async () => {
    expect(await ask(await serveGrpc(ServingStatus.SERVING), metadata)).toMatchObject({ status: "UNREACHABLE" });
  });
});

it.each([
  ["grpc", {}],
  ["http", metadata],
])("calls one unreachable that is not there, or that does not answer in time: %s", async (_way, way) => {
  const refused = await ask(await nowhere(), way);
  expect(refused).toMatchObject({ status: "UNREACHABLE", message: expect.stringMatching(/./) });
  const silent = await ask((await serveSilence()).address, way, 50);
  expect(silent).toMatchObject({ status: "UNREACHABLE", message: "It did not answer within 50ms." });
  expect(silent.latencyMs).toBeGreaterThanOrEqual(49);
});

it("answers for every instance, by id: unhealthy ones and those without an address too", async () => {
  const serviceName = freshQueue();
  await register(shared(), {
    serviceName,
    instanceId: "b",
    address: await serveGrpc(ServingStatus.SERVING),
    metadata: { zone: "x" },
  });
  await register(shared(), { serviceName, instanceId: "a", address: await nowhere() });
  await connectWorker(shared(), { workerId: `w-${serviceName}`, service: serviceName });
  const { results } = await shared().registry.checkHealth({ serviceName });
  expect(results.map(({ instance, status }) => [instance?.instanceId, HealthStatus[status]])).toEqual([
    ["a", "UNREACHABLE"],
    ["b", "SERVING"],
    [`w-${serviceName}`, "UNKNOWN"],
  ]);
  expect(results[1]?.instance?.metadata).toEqual({});
  const one = await shared().registry.checkHealth({ serviceName, instanceId: "b" });
  expect(one.results.map(({ instance }) => instance?.instanceId)).toEqual(["b"]);
});

it("asks all at once: one that does not answer holds up no other", async () => {
  const serviceName = freshQueue();
  const silent = await serveSilence();
  for (let n = 0; n < 20; n++) {
    await register(shared(), { serviceName, instanceId: `silent-${n}`, address: silent.address, metadata });
  }
  const leave = new AbortController();
  const check = shared().registry.checkHealth({ serviceName, timeout: span(30_000) }, { signal: leave.signal });
  // Long before any of them has timed out.
  await silent.connected(20);
  leave.abort();
  await expect(check).rejects.toMatchObject({ codeName: "CANCELLED" });
  const { results } = await shared().registry.checkHealth({ serviceName, timeout: span(300) });
  expect(results.map(({ status }) => status)).toEqual(Array(20).fill(HealthStatus.UNREACHABLE));
});

it("stops to ask when nobody waits for the answer any more", async () => {
  const serviceName = freshQueue();
  const silent = await serveSilence();
  await register(shared(), { serviceName, address: silent.address, metadata });
  const leave = new AbortController();
  const check = shared().registry.checkHealth({ serviceName, timeout: span(30_000) }, { signal: leave.signal });
  await silent.connected(1);
  leave.abort();
  await expect(check).rejects.toMatchObject({ codeName: "CANCELLED" });
});

it("refuses a service or an instance that is not there", async () => {
  const serviceName = freshQueue();
  expect(await refusalOf(shared().registry.checkHealth({ serviceName }))).toMatchObject({
    reason: "SERVICE_NOT_FOUND",
    field: "service_name",
  });
  await register(shared(), { serviceName });
  expect(await refusalOf(shared().registry.checkHealth({ serviceName, instanceId: "b" }))).toMatchObject({
    reason: "INSTANCE_NOT_FOUND",
    field: "instance_id",
  });
});

describe("CheckHealth without a service", () => {
  it("asks every instance of every service, page by page, and says of each what it said", async () => {
    const [first, second] = [freshQueue(), freshQueue()].sort() as [string, string];
    await register(shared(), {
      serviceName: first,
      instanceId: "a",
      address: await serveHttp(answering(200)),
      metadata,
    });
    await register(shared(), { serviceName: second, instanceId: "a", address: await nowhere() });
    await register(shared(), { serviceName: second, instanceId: "b", address: await serveGrpc(ServingStatus.SERVING) });
    const found: string[] = [];
    let pageToken = "";
    do {
      const answer = await shared().registry.checkHealth({ pageSize: 2, pageToken });
      expect(answer.results.length).toBeLessThanOrEqual(2);
      for (const { instance, status } of answer.results) {
        const { serviceName, instanceId } = present(instance);
        if (serviceName === first || serviceName === second) {
          found.push(`${serviceName === first ? 1 : 2} ${instanceId} ${HealthStatus[status]}`);
        }
      }
      pageToken = answer.nextPageToken;
    } while (pageToken !== "");
    expect(found).toEqual(["1 a SERVING", "2 a UNREACHABLE", "2 b SERVING"]);
    for (const { serviceName, instanceId } of [
      { serviceName: first, instanceId: "a" },
      { serviceName: second, instanceId: "a" },
      { serviceName: second, instanceId: "b" },
    ]) {
      await shared().registry.deregisterInstance({ serviceName, instanceId });
    }
  });

  it("refuses an instance without its service, and a token of another question", async () => {
    const refused = shared().registry.checkHealth({ instanceId: "a" });
    expect(await refusalOf(refused)).toMatchObject({ reason: "INVALID_FIELD", field: "instance_id" });
    expect(await refusalOf(shared().registry.checkHealth({ pageToken: "x" }))).toMatchObject({
      reason: "INVALID_PAGE_TOKEN",
    });
    const unknown = await refusalOf(shared().registry.checkHealth({ serviceName: freshQueue() }));
    expect(unknown).toMatchObject({ code: "NOT_FOUND", reason: "SERVICE_NOT_FOUND" });
  });

  it("answers nothing where no service has an instance", async () => {
    await using server = await startServer();
    expect((await server.registry.checkHealth({})).results).toEqual([]);
  });
});
