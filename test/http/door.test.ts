import { type ClientHttp2Session, connect } from "node:http2";
import { createConnection } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { type HttpRoute, textAnswer } from "../../src/http/route.ts";
import { startServer } from "../harness/server.ts";
import { type RpcHarness, startRpcHarness } from "../rpc/rpc-harness.ts";

const routes: readonly HttpRoute[] = [
  { path: "/metrics", roles: null, get: ({ query }) => textAnswer(200, `metrics of ${query.get("of") ?? "all"}`) },
  { path: "/console/*", roles: null, get: ({ path }) => textAnswer(200, path) },
  { path: "/broken", roles: null, get: () => Promise.reject(new Error("no")) },
];

/** Sends a request over HTTP/1.1. */
function fetchFrom({ address }: RpcHarness, path: string, options?: RequestInit): Promise<Response> {
  return fetch(`http://${address}${path}`, options);
}

/** Sends a request over HTTP/2 without an upgrade. */
async function fetchByHttp2(session: ClientHttp2Session, headers: Record<string, string>) {
  const stream = session.request(headers);
  stream.end();
  const { promise, resolve } = Promise.withResolvers<number>();
  stream.once("response", (answered) => resolve(answered[":status"] ?? 0));
  const status = await promise;
  let body = "";
  for await (const chunk of stream) body += chunk;
  return { status, body };
}

/** Sends bytes, and answers all that comes back until the connection ends. */
async function exchange({ address }: RpcHarness, ...chunks: readonly string[]): Promise<string> {
  const { port } = new URL(`http://${address}`);
  const socket = createConnection(Number(port), "127.0.0.1");
  socket.on("error", () => undefined);
  const ended = new Promise((resolve) => socket.once("close", resolve));
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
  });
  for (const chunk of chunks) {
    socket.write(chunk);
    // Each in a packet of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  return received;
}

test("the port serves gRPC and HTTP, by both versions", async () => {
  const harness = await startRpcHarness({ routes });
  harness.server.health.setAll(true);
  expect(await (await fetchFrom(harness, "/healthz")).text()).toBe("ok\n");
  expect(await harness.client(Health).check({ service: "" })).toMatchObject({ status: 1 });
  const session = connect(`http://${harness.address}`);
  onTestFinished(() => session.close());
  expect(await fetchByHttp2(session, { ":path": "/healthz" })).toEqual({ status: 200, body: "ok\n" });
  expect(await fetchByHttp2(session, { ":path": "/metrics?of=mail" })).toMatchObject({ body: "metrics of mail\n" });
});

test("a server without HTTP serves gRPC alone", async () => {
  await using server = await startServer({ config: { http: "off" } });
  await expect(fetch(`http://${server.address}/healthz`)).rejects.toThrow();
  expect(await server.health.check({})).toMatchObject({ status: 1 });
});

test("says whether it is ready, and why not", async () => {
  const harness = await startRpcHarness();
  const { health } = harness.server;
  const ready = async () => {
    const response = await fetchFrom(harness, "/readyz");
    return `${response.status} ${(await response.text()).trim()}`;
  };
  expect(await ready()).toBe("503 not ready: starting");
  health.setAll(true);
  expect(await ready()).toBe("200 ready");
  health.setAll("draining");
  expect(await ready()).toBe("503 not ready: draining");
  expect((await fetchFrom(harness, "/healthz")).status).toBe(200);
});

test("each refusal is reported, with who was refused", async () => {
  const refused: unknown[] = [];
  const harness = await startRpcHarness({ onRefused: (call) => refused.push(call) });
  await fetchFrom(harness, "/nothing");
  await fetchFrom(harness, "/sitq.v1.QueueService/GetQueue");
  const options = { method: "POST", headers: { "content-type": "application/json" }, body: "{" };
  await fetchFrom(harness, "/sitq.v1.QueueService/GetQueue", options);
  const peer = expect.stringMatching(/^127\.0\.0\.1:\d+$/);
  expect(refused).toEqual([
    { method: "unknown", peer, code: "UNIMPLEMENTED", reason: "UNKNOWN_METHOD" },
    { method: "/sitq.v1.QueueService/GetQueue", peer, code: "UNIMPLEMENTED", reason: "UNSUPPORTED_OVER_HTTP" },
    { method: "/sitq.v1.QueueService/GetQueue", peer, code: "INVALID_ARGUMENT", reason: "MALFORMED_MESSAGE" },
  ]);
});

describe("routes", () => {
  test("are found by their path, or by the nearest path above", async () => {
    const harness = await startRpcHarness({ routes });
    expect(await (await fetchFrom(harness, "/console/a/b?c=d")).text()).toBe("/console/a/b\n");
    const missing = await fetchFrom(harness, "/console");
    expect([missing.status, await missing.json()]).toMatchObject([
      404,
      { code: "unimplemented", details: [{ debug: { reason: "UNKNOWN_METHOD" } }] },
    ]);
  });

  test("answer HEAD without a body, and no other method than GET", async () => {
    const harness = await startRpcHarness({ routes });
    const head = await fetchFrom(harness, "/metrics", { method: "HEAD" });
    expect([head.headers.get("content-length"), await head.text()]).toEqual(["15", ""]);
    const post = await fetchFrom(harness, "/metrics", { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await post.json()).toMatchObject({ details: [{ debug: { reason: "UNSUPPORTED_OVER_HTTP" } }] });
  });

  test("that fail answer an id, which the log has with the cause", async () => {
    const harness = await startRpcHarness({ routes });
    const response = await fetchFrom(harness, "/broken");
    expect([response.status, await response.json()]).toMatchObject([500, { code: "internal" }]);
    await harness.logged(1);
    expect(harness.log).toMatchObject([{ message: "internal error", facts: { method: "/broken" } }]);
  });
});

describe("connections", () => {
  test("may send their first bytes one by one", async () => {
    const harness = await startRpcHarness();
    const answered = await exchange(
      harness,
      "P",
      "R",
      "O",
      "PFIND /healthz HTTP/1.1\r\n",
      "host: a\r\nconnection: close\r\n\r\n",
    );
    expect(answered).toMatch(/^HTTP\/1\.1 405 /);
    expect(await exchange(harness, ..."GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).toMatch(
      /ok\n$/,
    );
  });

  test("that offer HTTP/2 by an upgrade are answered over HTTP/1.1", async () => {
    const harness = await startRpcHarness();
    const upgrade =
      "connection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n";
    const answered = await exchange(harness, `GET /healthz HTTP/1.1\r\nhost: a\r\n${upgrade}\r\n`);
    expect(answered).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*ok\n$/);
  });

  test("that say nothing, or never end their headers, are closed", async () => {
    const harness = await startRpcHarness({ settings: { firstMessageTimeoutMs: 200 } });
    expect(await exchange(harness)).toBe("");
    expect(await exchange(harness, "PR")).toBe("");
    expect(await exchange(harness, "GET /healthz HTTP/1.1\r\nhost: a\r\n")).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("that speak anything else are refused, beside clients of gRPC that work on", async () => {
    const harness = await startRpcHarness({
      queue: { getQueue: async () => ({ queue: { name: "mail" } }) },
    });
    const client = harness.client(QueueService);
    const malformed = [
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/9.9\r\nhost: a\r\n\r\n",
      "GET /\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(70_000)}\r\n\r\n`,
      "GET / HTTP/1.1\r\nhost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: a\r\nx\0y: 1\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
    ];
    const floods = Array.from({ length: 20 }, async () => {
      for (const bytes of malformed) expect(await exchange(harness, bytes)).not.toMatch(/^HTTP\/1\.1 [25]/);
    });
    for (let call = 0; call < 50; call++) {
      expect(await client.getQueue({ name: "mail" })).toMatchObject({ queue: { name: "mail" } });
    }
    await Promise.all(floods);
    expect(await client.getQueue({ name: "mail" })).toMatchObject({ queue: { name: "mail" } });
  });
});

test("headers beyond the bounds are refused with their reason", async () => {
  const harness = await startRpcHarness();
  for (const headers of [
    { "x-long": "y".repeat(17_000) },
    Object.fromEntries(Array.from({ length: 130 }, (_, index) => [`x-${index}`, "y"])),
  ]) {
    const response = await fetchFrom(harness, "/healthz", { headers });
    expect([response.status, await response.json()]).toMatchObject([
      431,
      { code: "resource_exhausted", details: [{ debug: { reason: "HEADERS_TOO_LARGE" } }] },
    ]);
  }
});

test("a server that stops closes connections that are kept alive, and lets a request end", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const slow: HttpRoute = {
    path: "/slow",
    roles: null,
    async get() {
      begin();
      await held;
      return textAnswer(200, "done");
    },
  };
  const harness = await startRpcHarness({ routes: [slow] });
  const silent = exchange(harness);
  const idle = exchange(harness, "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n");
  const busy = exchange(harness, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n");
  await begun;
  const stopped = harness.server.stop(60_000);
  expect(await silent).toBe("");
  expect(await idle).toMatch(/ok\n$/);
  release();
  expect(await busy).toMatch(/connection: close[\s\S]*done\n$/i);
  await stopped;
});

test("requests that are pipelined are answered in their order, one after the other", async () => {
  let open = 0;
  const counting: HttpRoute = {
    path: "/count",
    roles: null,
    async get({ query }) {
      open++;
      await new Promise((resolve) => setImmediate(resolve));
      const answered = textAnswer(200, `${query.get("n")} of ${open}`);
      open--;
      return answered;
    },
  };
  const harness = await startRpcHarness({ routes: [counting] });
  const get = (n: number) => `GET /count?n=${n} HTTP/1.1\r\nhost: a\r\n${n === 3 ? "connection: close\r\n" : ""}\r\n`;
  const answered = await exchange(harness, [1, 2, 3].map(get).join(""));
  expect(answered.match(/\d of \d/g)).toEqual(["1 of 1", "2 of 1", "3 of 1"]);
});
