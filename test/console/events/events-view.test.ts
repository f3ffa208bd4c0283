import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { publish, publishAll, readSubscription, report, subscribe } from "../../harness/calls/events.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue } from "../../harness/calls/tasks.ts";
import { start, stepsIn } from "../../harness/calls/workflows.ts";
import { startServer } from "../../harness/server.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";
import { cellHas } from "../browser/tables.ts";

/** A row of a table with a text in it. */
function rowWith(page: Page, text: string) {
  return page.getByRole("row").filter({ hasText: text });
}

describeInBrowser("the views of events", (open) => {
  test("many events at once are read at most once in two seconds, and none between them is left out unsaid", async () => {
    await using server = await startServer();
    await publish(server, { subject: "before" });
    const page = await open(server, { at: "#/events" });
    await rowWith(page, "before").waitFor();
    let reads = 0;
    page.on("request", (request) => {
      if (request.url().endsWith("/ListEvents")) reads += 1;
    });
    const beganMs = Date.now();
    const ids = Array.from({ length: 1_200 }, (_, at) => `e-${at}`);
    for (let from = 0; from < ids.length; from += 60) await publishAll(server, ids.slice(from, from + 60));
    await rowWith(page, "e-1199").waitFor();
    // One more for the first that is asked for, and one at the end.
    expect(reads).toBeLessThanOrEqual((Date.now() - beganMs) / 2_000 + 2);
    await rowWith(page, "e-1150").waitFor();
    const shown = await page.getByRole("row").allInnerTexts();
    const numbers = shown.flatMap((text) => /\be-(\d+)\b/.exec(text)?.[1] ?? []).map(Number);
    expect(numbers).toEqual(Array.from(numbers, (_, at) => 1_199 - at));
  });

  test("an event comes into the log without a reload, and leads to its deliveries and its trace", async () => {
    await using server = await startServer();
    await subscribe(server, {
      name: "billing",
      maxAttempts: 3,
      retryPolicy: { initialBackoff: { seconds: 0n, nanos: 1_000_000 } },
    });
    await publish(server, { type: "stock.counted", subject: "before" });
    const page = await open(server, { at: "#/events" });
    await rowWith(page, "before").waitFor();
    await page.evaluate(() => document.body.setAttribute("data-mark", "same page"));

    const worker = await connectWorker(server, { queues: ["billing"] });
    await worker.take(1);
    const hostile = "<img src=x onerror=alert(1)>\u202E";
    await publish(server, {
      id: "e-1",
      subject: hostile,
      correlationId: "req-7",
      data: { kind: { case: "json", value: { kind: { case: "stringValue", value: hostile } } } },
    });
    await rowWith(page, "<img src=x onerror=alert(1)>⟨U+202E⟩").getByRole("link", { name: "order.created" }).click();
    await page.getByRole("heading", { level: 1, name: "order.created" }).waitFor();
    expect(new URL(page.url()).hash).toBe("#/event/shop/e-1");
    await page.getByText('"<img src=x onerror=alert(1)>⟨U+202E⟩"').waitFor();
    await cellHas(page, "billing", "State", "● running");

    const [first] = await worker.take(1);
    if (first === undefined) throw new Error("No delivery came");
    await worker.end([first], {
      case: "failed",
      value: { error: { type: "LedgerError", message: "the ledger is closed" } },
    });
    const [second] = await worker.take(1);
    if (second === undefined) throw new Error("No second attempt came");
    await worker.complete(second);
    await cellHas(page, "billing", "State", "✓ completed");
    await cellHas(page, "billing", "Attempts", "2 of 3");
    await expectNoAxeFindings(page);

    await page.getByRole("link", { name: "req-7" }).click();
    await page.getByRole("heading", { level: 1, name: "Trace req-7" }).waitFor();
    const bar = rowWith(page, "to billing: order.created").getByRole("img");
    await expect
      .poll(() => bar.getAttribute("aria-label"))
      .toMatch(/attempt 1, failed \S+, .*then attempt 2, completed \S+$/);
    expect(await page.getAttribute("body", "data-mark")).toBe("same page");
  });

  test("a trace shows what set off what, and goes on with what happens", async () => {
    await using server = await startServer();
    await subscribe(server, { name: "billing" });
    const workflow = await start(server, {
      correlationId: "req-8",
      steps: stepsIn("stock", { reserve: "", ship: "reserve" }),
    });
    const page = await open(server, { at: "#/trace/req-8" });
    const kinds = () => page.getByRole("row").locator(".kind").allTextContents();
    await expect.poll(kinds).toEqual(["workflow", "step", "step"]);

    await publish(server, { correlationId: "req-8", causationId: workflow.id });
    await expect.poll(kinds).toEqual(["workflow", "step", "step", "event", "delivery"]);
    await enqueue(server, { queue: "mail", correlationId: "req-8" });
    await expect.poll(kinds).toEqual(["workflow", "step", "step", "event", "delivery", "task"]);
    const indents = page.getByRole("rowheader").locator("[class^=indent]");
    expect(await indents.evaluateAll((cells) => cells.map((cell) => cell.className))).toEqual(
      [0, 1, 1, 1, 2, 0].map((depth) => `indent-${depth}`),
    );
    const worker = await connectWorker(server, { queues: ["stock"] });
    await rowWith(page, "reserve:").filter({ hasText: "running" }).waitFor();
    await worker.complete(...(await worker.take(1)));
    await rowWith(page, "reserve:").filter({ hasText: "completed" }).waitFor();
    await expectNoAxeFindings(page);

    await page.getByRole("combobox", { name: "Kind" }).selectOption("event");
    await expect.poll(kinds).toEqual(["event"]);
    expect(new URL(page.url()).hash).toBe("#/trace/req-8?kind=event");
    await goTo(page, "#/trace/req-nothing");
    await page.getByText("Nothing has this correlation id.").waitFor();
  });

  test("a subscription is paused, resumed and given events again once that is confirmed", async () => {
    await using server = await startServer();
    await subscribe(server, { name: "billing" });
    const { event } = await publish(server, { id: "e-1" });
    const page = await open(server, { at: "#/subscriptions" });
    await cellHas(page, "billing", "Waiting", "1");
    await cellHas(page, "billing", "Caught up in", "nothing is delivered");
    await expectNoAxeFindings(page);
    const links = page.getByRole("link", { name: "billing" });
    expect(await links.last().getAttribute("href")).toBe("#/queue/billing");
    await links.first().click();

    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("dialog", { name: "Pause billing?" }).getByRole("button", { name: "Pause" }).click();
    await page.getByRole("heading", { level: 1, name: "billing paused" }).waitFor();
    expect((await readSubscription(server, "billing")).paused).toBe(true);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await page.getByRole("heading", { level: 1, name: "billing live" }).waitFor();

    await page.getByRole("button", { name: "Replay to billing" }).click();
    const dialog = page.getByRole("dialog", { name: "Replay events to billing?" });
    await dialog.getByRole("textbox").fill("earliest");
    await expectNoAxeFindings(page);
    await dialog.getByRole("button", { name: "Replay" }).click();
    await page.getByText("2 deliveries").first().waitFor();
    expect((await report(server, event?.id ?? "")).deliveries).toHaveLength(2);

    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByText("2 waiting deliveries will be cancelled").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Delete the subscription" }).click();
    await page.getByText("There is no subscription.").waitFor();
  });
});
