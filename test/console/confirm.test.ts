import { expect, test } from "vitest";
import { enqueue, enqueueMany, readQueue } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { describeInBrowser, goTo } from "./browser/browser.ts";

describeInBrowser("a question before something is done", (open) => {
  test("its work is stopped by the button, though no answer comes", async () => {
    await using server = await startServer();
    await enqueue(server, { queue: "mail" });
    const page = await open(server);
    await page.route("**/UpdateQueue", () => undefined);
    await page.getByRole("button", { name: "Pause mail" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Pause" }).click();
    await dialog.getByRole("button", { name: "Stop" }).click();
    await dialog.getByRole("alert").filter({ hasText: "Stopped." }).waitFor();
    await dialog.getByRole("button", { name: "Back" }).click();
    expect((await readQueue(server, "mail")).paused).toBe(false);
    await page.context().close();
  });

  test("a browser that closes it as it works stops the work, and the next question is its own", async () => {
    await using server = await startServer();
    await enqueue(server, { queue: "mail" });
    const page = await open(server);
    await page.route("**/UpdateQueue", () => undefined);
    await page.getByRole("button", { name: "Pause mail" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Pause" }).click();
    await dialog.getByRole("button", { name: "Stop" }).waitFor();
    // What browsers do at the second Escape.
    await dialog.evaluate((element) => (element as HTMLDialogElement).close());
    await page.getByRole("status").filter({ hasText: "Pause queue mail? Stopped." }).waitFor();
    await page.unroute("**/UpdateQueue");
    await page.getByRole("button", { name: "Pause mail" }).click();
    await dialog.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("status").filter({ hasText: "Queue mail is paused." }).waitFor();
    await page.context().close();
  });

  test.each(["#/now", "#/tasks?queue=mail&state=pending"])(
    "one that would come late, after counting, is not asked at %s",
    async (elsewhere) => {
      await using server = await startServer();
      await enqueueMany(server, 2, { queue: "mail" });
      const page = await open(server, { at: "#/tasks?queue=mail" });
      await page.route("**/DeleteTasks", () => undefined);
      const counting = page.waitForEvent("request", (request) => request.url().endsWith("/DeleteTasks"));
      await page.getByRole("button", { name: "Select all that match the filter" }).click();
      await page.getByRole("button", { name: "Delete what is selected" }).click();
      const request = await counting;
      const ended = page.waitForEvent("requestfailed", (each) => each === request);
      await goTo(page, elsewhere);
      await ended;
      expect(await page.getByRole("dialog").count()).toBe(0);
      await page.context().close();
    },
  );

  test("one that comes after counting takes no other's place in the same view", async () => {
    await using server = await startServer();
    await enqueueMany(server, 2, { queue: "mail" });
    const page = await open(server, { at: "#/queue/mail" });
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await page.route("**/PurgeQueue", async (route) => {
      await held;
      await route.continue();
    });
    const purge = page.getByRole("region", { name: "Delete tasks" });
    await purge.getByRole("combobox").selectOption("all");
    await purge.getByRole("button", { name: "Count and delete" }).click();
    await page
      .getByRole("main")
      .getByRole("button", { name: /^Pause/ })
      .first()
      .click();
    const dialog = page.getByRole("dialog", { name: "Pause queue mail?" });
    await dialog.waitFor();
    goOn();
    await page.getByText("Delete 2 tasks of mail? Not asked").waitFor();
    await dialog.getByRole("button", { name: "Back" }).click();
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  test("where the server fails in the midst of many, none of the rest is done behind it", async () => {
    await using server = await startServer();
    await enqueueMany(server, 12, { queue: "mail" });
    const page = await open(server, { at: "#/tasks?queue=mail", expected: [/ERR_FAILED/] });
    await page.getByRole("row").nth(12).waitFor();
    let asked = 0;
    await page.route("**/DeleteTask", async (route) => {
      asked += 1;
      if (asked === 2) await route.abort();
      // After the refusal has been read.
      else
        await page
          .getByRole("alert")
          .filter({ hasText: "The server cannot be reached." })
          .waitFor()
          .then(() => route.continue());
    });
    await page.getByRole("checkbox", { name: "all" }).first().check();
    await page.getByRole("button", { name: "Delete what is selected" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete 12 tasks" }).click();
    await page.getByRole("dialog").getByRole("alert").waitFor();
    await expect.poll(async () => (await readQueue(server, "mail")).statistics?.pending).toBe(10n);
    expect(asked).toBe(3);
  });
});
