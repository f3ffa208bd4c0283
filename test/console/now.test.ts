import { expect, test } from "vitest";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, readQueue } from "../harness/calls/tasks.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { shareServer } from "../harness/shared-server.ts";
import { expectNoAxeFindings } from "./browser/axe.ts";
import { describeInBrowser } from "./browser/browser.ts";
import { cellHas, linksIn, rowOf } from "./browser/tables.ts";

describeInBrowser("the view of what is now", (open) => {
  test("it changes without being loaded again, and leads to what it counts", async () => {
    await using server = await startServer();
    await enqueueMany(server, 3, { queue: "mail" });
    const page = await open(server);
    await cellHas(page, "mail", "Waiting", "3");
    await page.evaluate(() => document.body.setAttribute("data-mark", "same page"));

    await enqueueMany(server, 2, { queue: "mail" });
    await cellHas(page, "mail", "Waiting", "5");
    await cellHas(page, "mail", "State", "no worker");
    expect(await linksIn(rowOf(page, "mail"))).toEqual(["#/queue/mail", "#/tasks?queue=mail&state=pending"]);
    await page.getByRole("link", { name: "5 tasks wait in queue mail, which has no worker." }).waitFor();

    const worker = await connectWorker(server, { queues: ["mail"], capacity: 8 });
    const [first, ...others] = await worker.take(5);
    await cellHas(page, "mail", "In use", "5/8");
    await worker.end([...(first === undefined ? [] : [first])], {
      case: "failed",
      value: { error: { type: "MailError", message: "no such address" }, terminal: true },
    });
    await worker.complete(...others);
    await cellHas(page, "mail", "Failed", "1");
    const sparkline = page.getByRole("img", { name: "in five minutes 5 stored, 5 done, 1 failed" });
    await sparkline.waitFor();
    expect(await page.getAttribute("body", "data-mark")).toBe("same page");
    await expectNoAxeFindings(page);
  });

  test("a queue is paused and resumed from its row once that is confirmed", async () => {
    await using server = await startServer();
    await enqueue(server, { queue: "mail" });
    const page = await open(server);
    await page.getByRole("button", { name: "Pause mail" }).click();
    const dialog = page.getByRole("dialog", { name: "Pause queue mail?" });
    await expectNoAxeFindings(page);
    await dialog.getByRole("button", { name: "Back" }).click();
    expect((await readQueue(server, "mail")).paused).toBe(false);

    await page.getByRole("button", { name: "Pause mail" }).click();
    await dialog.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("status").filter({ hasText: "Queue mail is paused." }).waitFor();
    await cellHas(page, "mail", "State", "paused");
    expect((await readQueue(server, "mail")).paused).toBe(true);

    await page.getByRole("button", { name: "Resume mail" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await cellHas(page, "mail", "State", "no worker");
    expect((await readQueue(server, "mail")).paused).toBe(false);
  });

  describeManyQueues();

  function describeManyQueues(): void {
    const server = shareServer();

    test("of 10,000 queues the first are shown, those with problems before the others, and more when asked for", async () => {
      await fillQueues(server());
      const page = await open(server());
      await page.getByText("200 of 10,001 queues are shown").waitFor();
      const rows = page.getByRole("table").locator("tbody tr");
      expect(await rows.count()).toBe(200);
      // The only one that has more to do than the others.
      await expect.poll(() => rows.first().getByRole("link").first().textContent()).toBe("zz-busy");

      const problems = page.getByRole("region", { name: "What is wrong" }).getByRole("listitem");
      expect(await problems.count()).toBe(4);
      await page.getByRole("button", { name: "And 9,998 more like this" }).click();
      await page.getByText("9,981 further queues have the same problem").waitFor();
      expect(await problems.count()).toBe(22);

      await page.getByRole("link", { name: "Show more" }).click();
      await page.getByText("400 of 10,001 queues are shown").waitFor();
      expect(new URL(page.url()).hash).toBe("#/now?show=400");
    });

    test("a part of a name finds any of them, and stands in the address", async () => {
      const page = await open(server());
      const name = page.getByRole("searchbox", { name: "Name contains" });
      await name.fill("Q-0987");
      await rowOf(page, "q-09876").waitFor();
      await expect.poll(() => page.getByRole("table").locator("tbody tr").count()).toBe(10);
      expect(new URL(page.url()).hash).toBe("#/now?name=Q-0987");

      await page.reload();
      await rowOf(page, "q-09876").waitFor();
      expect(await name.inputValue()).toBe("Q-0987");
      await enqueue(server(), { queue: "q-09876" });
      await cellHas(page, "q-09876", "Waiting", "2");

      await name.fill("no queue has this");
      await page.getByText("There is no queue of such a name.").waitFor();
    });
  }
});

/** A task in each of 10,000 queues, and several in one more. */
async function fillQueues(server: TestServer): Promise<void> {
  const names = Array.from({ length: 10_000 }, (_, at) => `q-${String(at).padStart(5, "0")}`);
  for (let from = 0; from < names.length; from += 1_000) {
    const requests = names.slice(from, from + 1_000).map((queue) => ({ task: { queue, type: "wait" } }));
    await server.queue.enqueueBatch({ requests });
  }
  await enqueueMany(server, 9, { queue: "zz-busy" });
}
