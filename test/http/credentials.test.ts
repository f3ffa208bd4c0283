/** Who calls over HTTP: the same identities, rights and bounds as by gRPC. */

import { createConnection } from "node:net";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { expect, onTestFinished, test } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import type { Principal } from "../../src/domain/access/principal.ts";
import { credentialsRequired } from "../../src/domain/refusals/access.ts";
import { type HttpRoute, textAnswer } from "../../src/http/route.ts";
import { routeAdmission } from "../../src/rpc/calls/admit-route.ts";
import { type SecuredServer, startSecured } from "../access/secured-server.ts";
import { startRpcHarness } from "../rpc/rpc-harness.ts";

const getQueue = "/sitq.v1.QueueService/GetQueue";

/** Calls a method, and answers `status reason`. */
async function call({ server }: SecuredServer, path: string, authorization: string | null, body = '{"name": "mail"}') {
  const response = await fetch(`http://${server.address}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...(authorization !== null && { authorization }) },
    body,
  });
  const reason = /"reason":"([A-Z_]+)"/.exec(await response.text())?.[1] ?? "";
  return { outcome: `${response.status} ${reason}`.trim(), headers: response.headers };
}

const producer = { role: Role.PRODUCER, queues: ["mail"] };

test("callers are known by their tokens, and may do what these allow", async () => {
  await using secured = await startSecured();
  const token = await secured.tokenOf("shop", producer);
  const enqueue = "/sitq.v1.QueueService/Enqueue";
  const taskIn = (queue: string) => JSON.stringify({ task: { queue, type: "send" } });
  expect((await call(secured, enqueue, `Bearer ${token}`, taskIn("mail"))).outcome).toBe("200");
  expect((await call(secured, enqueue, `bearer ${token}`, taskIn("bills"))).outcome).toBe("403 OUT_OF_SCOPE");
  expect((await call(secured, "/sitq.v1.QueueService/PurgeQueue", `Bearer ${token}`)).outcome).toBe(
    "403 ROLE_REQUIRED",
  );
  const { outcome, headers } = await call(secured, getQueue, null);
  expect([outcome, headers.get("www-authenticate")]).toEqual(["401 CREDENTIALS_REQUIRED", "Bearer"]);
  expect((await call(secured, getQueue, "Basic YTpi")).outcome).toBe("401 INVALID_CREDENTIALS");
  expect((await call(secured, "/grpc.health.v1.Health/Check", null, "{}")).outcome).toBe("200");
  const { auditEntries } = await secured.access.listAuditEntries({ refusedOnly: true }, secured.admin);
  expect(auditEntries.map(({ method, reason }) => `${method} ${reason}`).toSorted()).toEqual([
    `${enqueue} OUT_OF_SCOPE`,
    "/sitq.v1.QueueService/GetQueue CREDENTIALS_REQUIRED",
    "/sitq.v1.QueueService/GetQueue INVALID_CREDENTIALS",
    "/sitq.v1.QueueService/PurgeQueue ROLE_REQUIRED",
  ]);
});

test("of two credentials in one request none counts", async () => {
  await using secured = await startSecured();
  const lines = `authorization: Bearer ${secured.rootToken}\r\nauthorization: Bearer other\r\n`;
  const received = await exchange(secured, `${lines}content-length: 2\r\nconnection: close\r\n`, "{}");
  expect(received).toMatch(/^HTTP\/1\.1 401 [\s\S]*INVALID_CREDENTIALS/);
});

test("a large request of a caller without credentials is refused before it is read", async () => {
  await using secured = await startSecured();
  const received = await exchange(secured, "content-length: 3000000\r\nconnection: close\r\n", "");
  expect(received).toMatch(/^HTTP\/1\.1 401 [\s\S]*CREDENTIALS_REQUIRED/);
});

test("failed sign-ins of an address are bounded", async () => {
  await using secured = await startSecured(undefined, { maxFailedSignIns: 2 });
  const outcomes: string[] = [];
  for (let n = 0; n < 4; n++) outcomes.push((await call(secured, getQueue, "Bearer wrong")).outcome);
  expect(outcomes.at(-1)).toBe("429 TOO_MANY_FAILED_SIGN_INS");
  expect((await call(secured, getQueue, `Bearer ${secured.rootToken}`)).outcome).toBe("404 QUEUE_NOT_FOUND");
});

test("connections of HTTP/1.1 count for the principal that calls over them", async () => {
  await using secured = await startSecured(undefined, { maxConnectionsPerPrincipal: 1 });
  const token = await secured.tokenOf("shop", { role: Role.VIEWER, queues: ["*"] });
  const headers = `authorization: Bearer ${token}\r\ncontent-length: 2\r\n`;
  const first = open(secured);
  first.send(headers, "{}");
  await first.received((text) => text.includes("INVALID_FIELD"));
  expect(await exchange(secured, headers, "{}")).toMatch(
    /^HTTP\/1\.1 429 [\s\S]*connection: close[\s\S]*TOO_MANY_CONNECTIONS/i,
  );
  first.socket.destroy();
});

test("a stream ends when its token is revoked", async () => {
  await using secured = await startSecured();
  const token = await secured.tokenOf("shop", { role: Role.VIEWER, queues: ["*"] });
  const transport = createConnectTransport({ baseUrl: `http://${secured.server.address}` });
  const headers = { authorization: `Bearer ${token}` };
  const watch = createClient(QueueService, transport).watchTasks({ filter: { queue: "mail" } }, { headers });
  const messages = watch[Symbol.asyncIterator]();
  await messages.next();
  const [tokenId = ""] = /(?<=_)[^_]+/.exec(token) ?? [];
  const { tokens } = await secured.access.listTokens({ principal: "shop" }, secured.admin);
  await secured.access.revokeToken({ tokenId: tokens[0]?.tokenId ?? tokenId }, secured.admin);
  const error = await messages.next().then(
    () => expect.unreachable("the stream goes on"),
    (reason: unknown) => ConnectError.from(reason),
  );
  expect(error.code).toBe(Code.Unauthenticated);
  expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "CREDENTIALS_REVOKED" }]);
});

test("a route asks for one of its roles, by the credentials of calls", async () => {
  const route: HttpRoute = { path: "/metrics", roles: ["viewer", "operator"], get: () => textAnswer(200, "metrics") };
  const principalOf = (role: "viewer" | "worker" | "admin"): Principal => ({
    name: role,
    grants: [{ role, payloads: false, queue: ["*"], event_type: ["*"], service: ["*"] }],
    credential: { kind: "token", id: role, expireMs: null },
  });
  const refused: unknown[] = [];
  const admit = routeAdmission({
    authenticator: {
      principalOf({ metadata }) {
        const [shown] = metadata.get("authorization");
        if (shown === undefined) throw credentialsRequired();
        return principalOf(String(shown).replace("Bearer ", "") as "viewer");
      },
    },
    auditLog: { allowed: () => undefined, refused: (call: unknown) => refused.push(call) } as never,
  });
  const harness = await startRpcHarness({ routes: [route], admit });
  const get = async (authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await fetch(`http://${harness.address}/metrics`, { headers });
    return `${response.status} ${/"reason":"([A-Z_]+)"/.exec(await response.text())?.[1] ?? ""}`.trim();
  };
  expect(await get()).toBe("401 CREDENTIALS_REQUIRED");
  expect(await get("Bearer worker")).toBe("403 ROLE_REQUIRED");
  expect(await get("Bearer viewer")).toBe("200");
  expect(await get("Bearer admin")).toBe("200");
  expect(refused).toMatchObject([
    { method: "/metrics", reason: "CREDENTIALS_REQUIRED", principal: null },
    { method: "/metrics", reason: "ROLE_REQUIRED", principal: { name: "worker" } },
  ]);
});

/** A connection of HTTP/1.1, by hand. */
function open({ server }: SecuredServer) {
  const socket = createConnection(Number(new URL(`http://${server.address}`).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  let text = "";
  const { promise: closed, resolve: close } = Promise.withResolvers<string>();
  socket.on("data", (chunk) => {
    text += chunk;
  });
  socket.once("close", () => close(text));
  return {
    socket,
    closed,
    send: (headers: string, body: string) =>
      socket.write(`POST ${getQueue} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${headers}\r\n${body}`),
    async received(isSo: (text: string) => boolean): Promise<void> {
      while (!isSo(text)) await new Promise((resolve) => socket.once("data", resolve));
    },
  };
}

/** Sends one request, and answers all that comes until the connection ends. */
function exchange(secured: SecuredServer, headers: string, body: string): Promise<string> {
  const connection = open(secured);
  connection.send(headers, body);
  return connection.closed;
}
