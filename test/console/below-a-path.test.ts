import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { enqueue, readQueue } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { describeInBrowser, goTo } from "./browser/browser.ts";
import { cellHas } from "./browser/tables.ts";

describeInBrowser("the console below a path of a proxy", (open) => {
  test("is live, goes from view to view and changes things, and calls nothing beside the path", async () => {
    await using server = await startServer();
    await enqueue(server, { queue: "mail" });
    await using proxy = await startPrefixProxy(server.address, "/team/sitq");
    const page = await open(proxy, { below: "/team/sitq" });
    await cellHas(page, "mail", "Waiting", "1");
    await enqueue(server, { queue: "mail" });
    await cellHas(page, "mail", "Waiting", "2");
    await page.getByRole("button", { name: "Pause mail" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await cellHas(page, "mail", "State", "paused");
    expect((await readQueue(server, "mail")).paused).toBe(true);
    await page.getByRole("link", { name: "Tasks", exact: true }).click();
    await page.getByRole("heading", { name: "Tasks" }).waitFor();
    await goTo(page, "../");
    await page.getByRole("heading", { name: "Now" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/team/sitq/console/");
    expect(proxy.strayed).toEqual([]);
    await page.context().close();
  });
});

/** A proxy as `location /PREFIX/ { proxy_pass http://SERVER/; }` of nginx makes one. */
async function startPrefixProxy(server: string, prefix: string) {
  const strayed: string[] = [];
  const proxy = createServer((asked, answer) => {
    const { url = "", method, headers } = asked;
    if (!url.startsWith(`${prefix}/`)) {
      strayed.push(url);
      answer.writeHead(404).end();
      return;
    }
    const passed = request(`http://${server}${url.slice(prefix.length)}`, { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
      answered.on("error", () => answer.destroy());
    });
    passed.on("error", () => answer.destroy());
    answer.on("close", () => passed.destroy());
    asked.pipe(passed);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    /** What was asked for beside the path. */
    strayed,
    async [Symbol.asyncDispose]() {
      const closed = once(proxy, "close");
      proxy.close();
      proxy.closeAllConnections();
      await closed;
    },
  };
}
