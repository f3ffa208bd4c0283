/** Signing in where a proxy serves the console below a path of its own, with other things beside it. */

import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Role } from "../../../gen/sitq/v1/access_pb.js";
import { startSecured } from "../../access/secured-server.ts";
import { describeInBrowser } from "./browser.ts";

/** A proxy that serves a server below `/sitq/`, and tells which cookies come to what is beside it. */
async function startProxy(target: string) {
  const besides: (string | undefined)[] = [];
  const proxy = createServer((incoming, answer) => {
    const path = /^\/sitq(\/.*)$/.exec(incoming.url ?? "")?.[1];
    if (path !== undefined) {
      forward(incoming, answer, `http://${target}${path}`);
      return;
    }
    besides.push(incoming.headers.cookie);
    answer.end();
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onTestFinished(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  return { address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, besides };
}

function forward(incoming: IncomingMessage, answer: ServerResponse, url: string): void {
  const { method, headers } = incoming;
  const passed = request(url, { ...(method && { method }), headers, agent: false }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  passed.on("error", () => answer.destroy());
  answer.on("close", () => passed.destroy());
  incoming.pipe(passed);
}

describeInBrowser("below a path of a proxy", (open) => {
  test("the cookie goes to what is below that path, and to nothing else", async () => {
    const secured = await startSecured();
    onTestFinished(() => secured[Symbol.asyncDispose]());
    const token = await secured.tokenOf("ada", {
      role: Role.VIEWER,
      queues: ["*"],
      eventTypes: ["*"],
      services: ["*"],
    });
    const proxy = await startProxy(secured.server.address);
    const page = await open(proxy, { below: "/sitq", expected: [/status of 401/] });
    await page.getByLabel("Token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("ada").waitFor();
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([
      { name: "sitq_session", path: "/sitq", httpOnly: true, sameSite: "Strict", secure: false, expires: -1 },
    ]);
    expect(await page.evaluate("document.cookie")).toBe("");

    await page.evaluate("Promise.all([fetch('/other/'), fetch('/sitq-of-another/'), fetch('/')])");
    expect(proxy.besides).toEqual([undefined, undefined, undefined]);

    await page.reload();
    await page.getByText("ada").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });
});
