/** Pages in a browser that are signed in by a cookie. */

import { type RequestOptions, request } from "node:http";
import { connect } from "node:http2";
import { request as requestByTls } from "node:https";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { expect, test } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import type { Principal } from "../../src/domain/access/principal.ts";
import { sessionCookie, sessionIn } from "../../src/http/session-cookie.ts";
import { sessionRoute } from "../../src/rpc/access/session-route.ts";
import { type SecuredServer, startSecured } from "../access/secured-server.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { startTlsHarness } from "../tls/tls-harness.ts";

const identity = "/sitq.v1.AccessService/GetIdentity";
const sameOrigin = { "sec-fetch-site": "same-origin" };

interface Answer {
  /** `status reason` */
  readonly outcome: string;
  readonly body: string;
  readonly cookie: string | undefined;
}

/** Sends a request with headers that `fetch` would not send. */
async function send(url: string, headers: Record<string, string>, options: RequestOptions = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const by = url.startsWith("https:") ? requestByTls : request;
  const sent = by(
    url,
    { method: "POST", agent: false, ...options, headers: { "content-type": "application/json", ...headers } },
    async (response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      const reason = /"reason":"([A-Z_]+)"/.exec(body)?.[1] ?? "";
      const cookie = response.headers["set-cookie"]?.[0];
      resolve({ outcome: `${response.statusCode} ${reason}`.trim(), body, cookie });
    },
  );
  sent.on("error", reject);
  sent.end(options.method === undefined ? "{}" : undefined);
  return await promise;
}

/** Signs in, and answers the cookie as a browser sends it back. */
async function signIn({ server }: SecuredServer, token: string): Promise<string> {
  const { outcome, cookie = "" } = await send(`http://${server.address}/session`, bearer(token));
  expect(outcome).toBe("204");
  expect(cookie).toBe(`sitq_session=${token}; HttpOnly; SameSite=Strict`);
  return `theme=dark; ${cookie.split(";")[0]}; other=1`;
}

function bearer(token: string) {
  return { authorization: `Bearer ${token}` };
}

const viewer = { role: Role.VIEWER, queues: ["*"], eventTypes: ["*"], services: ["*"] };

test("a token is exchanged for a cookie, which counts as the token in calls and routes", async () => {
  await using secured = await startSecured(undefined, { metrics: "on" });
  const { address } = secured.server;
  const cookie = await signIn(secured, await secured.tokenOf("ada", viewer));
  const asked = await send(`http://${address}${identity}`, { cookie, ...sameOrigin });
  expect(JSON.parse(asked.body)).toMatchObject({
    principal: "ada",
    grants: [{ role: "ROLE_VIEWER" }],
    credential: expect.stringContaining("token"),
  });
  const pause = `http://${address}/sitq.v1.QueueService/PurgeQueue`;
  expect((await send(pause, { cookie, ...sameOrigin })).outcome).toBe("403 ROLE_REQUIRED");
  expect((await send(`http://${address}/metrics`, { cookie }, { method: "GET" })).outcome).toBe("200");
  const out = await send(`http://${address}/session`, { cookie, ...sameOrigin }, { method: "DELETE" });
  expect([out.outcome, out.cookie]).toEqual(["204", "sitq_session=; HttpOnly; SameSite=Strict; Max-Age=0"]);
  const headers = { "sec-fetch-site": "cross-site", cookie };
  expect((await send(`http://${address}/session`, headers, { method: "DELETE" })).outcome).toBe("403 CROSS_ORIGIN");
  const put = await send(`http://${address}/session`, {}, { method: "PUT" });
  expect(put.outcome).toBe("405 UNSUPPORTED_OVER_HTTP");
});

test("the cookie counts over HTTP/2 too, where it may come in pieces", async () => {
  await using secured = await startSecured();
  const session = connect(`http://${secured.server.address}`);
  const stream = session.request({
    ":method": "POST",
    ":path": identity,
    "content-type": "application/json",
    "sec-fetch-site": "same-origin",
    cookie: ["theme=dark", `sitq_session=${secured.rootToken}`],
  });
  stream.end("{}");
  let body = "";
  for await (const chunk of stream) body += chunk;
  session.close();
  expect(JSON.parse(body)).toMatchObject({ principal: "root" });
});

const allowed = "https://console.example";

test.each<[string, Record<string, string>, string]>([
  ["no proof of where it comes from", {}, "403 CROSS_ORIGIN"],
  ["the browser's word that it is of the same origin", sameOrigin, "200"],
  ["the server's own origin", { origin: "http://localhost:7000", host: "localhost:7000" }, "200"],
  ["both", { origin: "http://localhost:7000", host: "localhost:7000", ...sameOrigin }, "200"],
  ["the origin of a proxy, which is allowed", { origin: allowed, ...sameOrigin }, "200"],
  ["an allowed origin, of an old browser", { origin: allowed }, "200"],
  ["an allowed origin that is another", { origin: allowed, "sec-fetch-site": "same-site" }, "403 CROSS_ORIGIN"],
  ["another origin", { origin: "https://evil.example" }, "403 CROSS_ORIGIN"],
  ["the origin of a neighbour", { "sec-fetch-site": "same-site" }, "403 CROSS_ORIGIN"],
  ["the user's word, which no page has", { "sec-fetch-site": "none" }, "403 CROSS_ORIGIN"],
  [
    "a name that stands for this machine",
    { origin: "http://evil.example", host: "evil.example", ...sameOrigin },
    "403 CROSS_ORIGIN",
  ],
])("a call by the cookie with %s", async (_, headers, outcome) => {
  await using secured = await startSecured(undefined, { httpAllowedOrigins: [allowed] });
  const url = `http://${secured.server.address}${identity}`;
  const cookie = await signIn(secured, secured.rootToken);
  expect((await send(url, { cookie, ...headers })).outcome).toBe(outcome);
});

test("of a cookie and a token that differ none counts, but in signing in, where the token does", async () => {
  await using secured = await startSecured();
  const url = `http://${secured.server.address}`;
  const token = await secured.tokenOf("ada", viewer);
  const cookie = await signIn(secured, token);
  expect((await send(`${url}${identity}`, { cookie, ...bearer(token) })).outcome).toBe("200");
  const two = await send(`${url}${identity}`, { cookie, ...bearer(secured.rootToken) });
  expect(two.outcome).toBe("401 INVALID_CREDENTIALS");
  const again = await send(`${url}/session`, { cookie: "sitq_session=old", ...bearer(token), ...sameOrigin });
  expect([again.outcome, again.cookie]).toEqual(["204", expect.stringContaining(token)]);
});

test("a cookie that is no token is refused as a token is, and so is a call of the page without one", async () => {
  await using secured = await startSecured();
  const url = `http://${secured.server.address}${identity}`;
  expect((await send(url, { cookie: "sitq_session=no", ...sameOrigin })).outcome).toBe("401 INVALID_CREDENTIALS");
  expect((await send(url, { cookie: "theme=dark", ...sameOrigin })).outcome).toBe("401 CREDENTIALS_REQUIRED");
});

test("failed sign-ins are refused, recorded and bounded", async () => {
  await using secured = await startSecured(undefined, { maxFailedSignIns: 2 });
  const url = `http://${secured.server.address}/session`;
  expect((await send(url, sameOrigin)).outcome).toBe("401 CREDENTIALS_REQUIRED");
  const outcomes: string[] = [];
  for (let n = 0; n < 4; n++) outcomes.push((await send(url, bearer("wrong"))).outcome);
  expect([outcomes[0], outcomes.at(-1)]).toEqual(["401 INVALID_CREDENTIALS", "429 TOO_MANY_FAILED_SIGN_INS"]);
  expect((await send(url, bearer(secured.rootToken))).outcome).toBe("204");
  const { auditEntries } = await secured.access.listAuditEntries({ refusedOnly: true }, secured.admin);
  expect(auditEntries.map(({ method, reason }) => `${method} ${reason}`)).toContain("/session INVALID_CREDENTIALS");
});

test("without authentication there is nothing to sign in to", async () => {
  await using dir = await createTempDir();
  await using server = await startServer({ dbPath: dir.file("sitq.db") });
  const url = `http://${server.address}`;
  expect((await send(`${url}/session`, bearer("any"))).outcome).toBe("400 AUTHENTICATION_OFF");
  const asked = await send(`${url}${identity}`, { cookie: "sitq_session=of-another-server", ...sameOrigin });
  expect(JSON.parse(asked.body)).toMatchObject({ grants: [{ role: "ROLE_ADMIN" }] });
});

test.each([
  ["Connect", createConnectTransport],
  ["gRPC-Web", createGrpcWebTransport],
])("a stream of %s by the cookie ends when its token is revoked", async (_, createTransport) => {
  await using secured = await startSecured();
  const cookie = await signIn(secured, await secured.tokenOf("ada", viewer));
  const transport = createTransport({ baseUrl: `http://${secured.server.address}` });
  const headers = { cookie, origin: `http://${secured.server.address}` };
  const watch = createClient(QueueService, transport).watchTasks({ filter: { queue: "mail" } }, { headers });
  const messages = watch[Symbol.asyncIterator]();
  await messages.next();
  const { tokens } = await secured.access.listTokens({ principal: "ada" }, secured.admin);
  await secured.access.revokeToken({ tokenId: tokens[0]?.tokenId ?? "" }, secured.admin);
  const error = await messages.next().then(
    () => expect.unreachable("the stream goes on"),
    (reason: unknown) => ConnectError.from(reason),
  );
  expect(error.code).toBe(Code.Unauthenticated);
  const access = createClient(AccessService, transport);
  await expect(access.getIdentity({}, { headers })).rejects.toMatchObject({ code: Code.Unauthenticated });
});

test("by TLS, here or at a proxy, the cookie is never sent without", async () => {
  const principal: Principal = { name: "ada", grants: [], credential: { kind: "token", id: "1", expireMs: null } };
  const route = sessionRoute({ authenticator: { principalOf: () => principal }, auditLog: null });
  const harness = await startTlsHarness({ clientAuth: "none", routes: [route] });
  const ca = harness.authority.certificate;
  const { cookie } = await send(`https://${harness.address}/session`, bearer("a"), { method: "POST", ca } as object);
  expect(cookie).toBe("sitq_session=a; HttpOnly; SameSite=Strict; Secure");

  await using secured = await startSecured(undefined, { httpAllowedOrigins: [allowed] });
  const url = `http://${secured.server.address}/session`;
  const byProxy = await send(url, { ...bearer(secured.rootToken), origin: allowed, ...sameOrigin });
  expect(byProxy.cookie).toMatch(/; Secure$/);
});

test("a client certificate needs no cookie, and makes none", async () => {
  const principal: Principal = {
    name: "ada",
    grants: [],
    credential: { kind: "certificate", id: "a", expireMs: null },
  };
  const route = sessionRoute({ authenticator: { principalOf: () => principal }, auditLog: null });
  const harness = await startTlsHarness({ routes: [route] });
  const { certificate: cert, key } = await harness.authority.client("ada");
  const options = { method: "POST", ca: harness.authority.certificate, cert, key };
  const { outcome, body } = await send(`https://${harness.address}/session`, {}, options as object);
  expect([outcome, body]).toEqual(["400 INVALID_FIELD", expect.stringContaining("a session holds a token")]);
});

test("a token that fits no cookie is refused", () => {
  const longest = "a".repeat(4_096 - "sitq_session=".length);
  expect(sessionIn({ cookie: sessionCookie(longest, true) })).toBe(longest);
  expect(() => sessionCookie(`${longest}a`, true)).toThrow(
    "authorization: is a token of 4084 bytes; a cookie holds 4083",
  );
  expect(() => sessionCookie("a;b", false)).toThrow("authorization: is a token with characters");
});
