/** What pages in a browser may send. */

import { request } from "node:http";
import { expect, test } from "vitest";
import { type RpcHarness, startRpcHarness } from "../rpc/rpc-harness.ts";

const allowed = "https://console.example";

/** Sends a request with headers that `fetch` would not send, and answers its status and reason. */
function send({ address }: RpcHarness, headers: Record<string, string>, method = "POST") {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: string;
    headers: NodeJS.Dict<string | string[]>;
  }>();
  const sent = request(
    `http://${address}/sitq.v1.QueueService/GetQueue`,
    { method, headers: { "content-type": "application/json", ...headers } },
    async (response) => {
      let body = "";
      for await (const chunk of response) body += chunk;
      const reason = /"reason":"([A-Z_]+)"/.exec(body)?.[1] ?? "";
      resolve({ status: `${response.statusCode} ${reason}`.trim(), headers: response.headers });
    },
  );
  sent.on("error", reject);
  sent.end(method === "POST" ? "{}" : undefined);
  return promise;
}

const start = () => startRpcHarness({ queue: { getQueue: async () => ({}) }, allowedOrigins: [allowed] });

test("a request that no page has sent is taken, whatever host it names", async () => {
  const harness = await start();
  expect((await send(harness, {})).status).toBe("200");
  expect((await send(harness, { host: "sitq.internal" })).status).toBe("200");
});

test.each<[string, Record<string, string>, string]>([
  ["of the server's own origin", { origin: "http://localhost:7000", host: "localhost:7000" }, "200"],
  ["the browser knows to be of the same origin", { "sec-fetch-site": "same-origin" }, "200"],
  ["the user has asked for", { "sec-fetch-site": "none" }, "200"],
  ["of an allowed origin", { origin: allowed, "sec-fetch-site": "cross-site" }, "200"],
  ["of another origin", { origin: "https://evil.example" }, "403 CROSS_ORIGIN"],
  ["of another port", { origin: "http://localhost:8000", host: "localhost:7000" }, "403 CROSS_ORIGIN"],
  ["of a sandbox", { origin: "null" }, "403 CROSS_ORIGIN"],
  ["of a neighbour", { "sec-fetch-site": "same-site" }, "403 CROSS_ORIGIN"],
  [
    "whose name stands for this machine",
    { origin: "http://evil.example:7000", host: "evil.example:7000" },
    "403 CROSS_ORIGIN",
  ],
  [
    "whose name stands for this machine, as the browser sees it",
    { origin: "http://evil.example", host: "evil.example", "sec-fetch-site": "same-origin" },
    "403 CROSS_ORIGIN",
  ],
])("a request of a page %s", async (_, headers, status) => {
  expect((await send(await start(), headers)).status).toBe(status);
});

test("the browser is told what pages of allowed origins may send and read, and of no other", async () => {
  const harness = await start();
  const asked = { "access-control-request-method": "POST", "access-control-request-headers": "authorization" };
  const preflight = await send(harness, { origin: allowed, ...asked }, "OPTIONS");
  expect(preflight.status).toBe("204");
  expect(preflight.headers).toMatchObject({
    "access-control-allow-origin": allowed,
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": expect.stringMatching(/connect-protocol-version.*authorization/i),
    vary: "origin",
  });
  expect((await send(harness, { origin: allowed })).headers["access-control-allow-origin"]).toBe(allowed);
  const other = await send(harness, { origin: "https://evil.example", ...asked }, "OPTIONS");
  expect([other.status, other.headers["access-control-allow-origin"]]).toEqual(["403 CROSS_ORIGIN", undefined]);
});
