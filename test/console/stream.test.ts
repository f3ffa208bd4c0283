import { create, toBinary } from "@bufbuild/protobuf";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { GetServerInfoResponseSchema } from "../../gen/sitq/v1/admin_service_pb.js";
import { enqueueMany } from "../harness/calls/tasks.ts";
import { startProxy } from "../harness/proxy.ts";
import { startServer } from "../harness/server.ts";
import { describeInBrowser } from "./browser/browser.ts";
import { patienceMs } from "./browser/chromium.ts";
import { cellHas, cellOf } from "./browser/tables.ts";

const mail = { queue: "mail" };
const isWatch = (request: { url(): string }) => request.url().endsWith("/sitq.v1.MonitorService/WatchOverview");

describeInBrowser("the page's stream", (open) => {
  test("a server that is started again is said to be away, and then shown as it is", async () => {
    await using server = await startServer();
    await enqueueMany(server, 1, mail);
    // What calls it as it ends is refused.
    const page = await open(server, { expected: [/status of 503/] });
    await cellHas(page, "mail", "Waiting", "1");
    const restarted = server.restart();
    const note = noteOf(page);
    await note.waitFor();
    // What was there stays.
    await cellHas(page, "mail", "Waiting", "1");
    await restarted;
    await enqueueMany(server, 2, mail);
    await cellHas(page, "mail", "Waiting", "3");
    await note.waitFor({ state: "detached" });
  });

  test("a server that comes back with another version is said to have it, and the page can be loaded anew", async () => {
    await using server = await startServer();
    const page = await open(server, { expected: [/status of 503/] });
    await page.getByText(server.address).waitFor();
    await page.route("**/GetServerInfo", (route) =>
      route.fulfill({
        contentType: "application/proto",
        body: Buffer.from(
          toBinary(
            GetServerInfoResponseSchema,
            create(GetServerInfoResponseSchema, { serverInfo: { version: "7.0.0" } }),
          ),
        ),
      }),
    );
    await server.restart();
    const note = page.getByText("The server has become sitq 7.0.0");
    await note.waitFor();
    await page.getByRole("button", { name: "Load the page anew" }).click();
    await page.getByText(server.address).waitFor();
    expect(await note.count()).toBe(0);
  });

  test("a connection that is cut is said to be so, and opened again", async () => {
    await using server = await startServer();
    await using proxy = await startProxy(server.address);
    await enqueueMany(server, 1, mail);
    const page = await open(proxy);
    await cellHas(page, "mail", "Waiting", "1");
    const again = page.waitForEvent("request", isWatch);
    proxy.cut();
    const note = noteOf(page);
    await note.waitFor();
    await again;
    await enqueueMany(server, 1, mail);
    await cellHas(page, "mail", "Waiting", "2");
    await note.waitFor({ state: "detached" });
    await page.context().close();
  });

  test("a stream that fell silent is opened anew, and where nothing answers that is said", async () => {
    await using server = await startServer();
    await using proxy = await startProxy(server.address);
    await enqueueMany(server, 1, mail);
    const page = await open(proxy);
    await page.clock.install();
    await page.reload();
    await cellHas(page, "mail", "Waiting", "1");
    // Its connection stays open, and nothing comes over it any more.
    proxy.freeze();
    await enqueueMany(server, 1, mail);
    // The browser may take other connections for it that are as dead, until it opens one.
    await expect
      .poll(
        async () => {
          await page.clock.fastForward(21_000);
          return (await cellOf(page, "mail", "Waiting")).textContent();
        },
        { interval: 1_000, timeout: patienceMs },
      )
      .toBe("2");

    const isOpened = page.waitForEvent("request", isWatch);
    await page.route("**/WatchOverview", () => undefined);
    await page.clock.fastForward(21_000);
    await isOpened;
    await page.clock.fastForward(16_000);
    const note = noteOf(page).filter({ hasText: "The server does not answer." });
    await note.waitFor();
    // Since when it was last heard of, not since that was noticed.
    expect(await note.textContent()).toMatch(/what is shown is [34]\ds old/);
    await cellHas(page, "mail", "Waiting", "2");
    await page.unroute("**/WatchOverview");
    await page.clock.fastForward(30_000);
    await note.waitFor({ state: "detached" });
    await page.context().close();
  });

  test("while the server is away, what is shown gets older; what is asked for meanwhile is said to have failed", async () => {
    await using server = await startServer();
    await using proxy = await startProxy(server.address);
    await enqueueMany(server, 1, mail);
    const page = await open(proxy);
    await cellHas(page, "mail", "Waiting", "1");
    await proxy.stop();
    await noteOf(page).filter({ hasText: "The server cannot be reached." }).waitFor();
    // Not from the last try on.
    await noteOf(page)
      .filter({ hasText: /what is shown is [3-9]s old/ })
      .waitFor();
    await page.getByRole("button", { name: "Pause mail" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Pause" }).click();
    await dialog.getByRole("alert").filter({ hasText: "The server cannot be reached." }).waitFor();
    await page.context().close();
  });

  test("a page that is hidden holds no stream, and is up to date once it is seen again", async () => {
    await using server = await startServer();
    await enqueueMany(server, 1, mail);
    const page = await open(server);
    await cellHas(page, "mail", "Waiting", "1");

    const ended = page.waitForEvent("requestfailed", isWatch);
    await setHidden(page, true);
    await ended;
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await enqueueMany(server, 1, mail);
    expect(await page.getByRole("status").first().textContent()).toBe("");

    const again = page.waitForEvent("request", isWatch);
    await setHidden(page, false);
    await again;
    await cellHas(page, "mail", "Waiting", "2");
    expect(requests.filter((url) => isWatch({ url: () => url }))).toHaveLength(1);
  });
});

function noteOf(page: Page) {
  return page.getByRole("status").getByText("Not live: what is shown is");
}

/** What a browser does with a tab behind another one; one without windows shows all its tabs. */
function setHidden(page: Page, isHidden: boolean): Promise<void> {
  return page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, isHidden);
}
