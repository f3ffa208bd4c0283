import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { Role } from "../../../gen/sitq/v1/access_pb.js";
import { as, startSecured } from "../../access/secured-server.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany, readQueue } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser } from "../browser/browser.ts";

const all = { queues: ["*"], eventTypes: ["*"], services: ["*"] };
const expected = [/status of 401/];

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel("Token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
}

describeInBrowser("the view of a queue", (open) => {
  test("it shows what the queue holds and does, live, and leads to its tasks", async () => {
    await using server = await startServer();
    await enqueueMany(server, 3, { queue: "mail" });
    const page = await open(server, { at: "#/queue/mail" });
    const waiting = page.getByRole("link", { name: "3", exact: true });
    await waiting.waitFor();
    expect(await waiting.getAttribute("href")).toBe("#/tasks?queue=mail&state=pending");
    await page.getByText("3 tasks wait in queue mail, which has no worker.").waitFor();
    const worker = await connectWorker(server, { workerId: "mail-1", queues: ["mail"] });
    const [first, second] = await worker.take(3);
    if (first === undefined || second === undefined) throw new Error("no tasks");
    await page.getByRole("row", { name: "mail-1" }).getByText("3/10").waitFor();
    await worker.end([first], {
      case: "failed",
      value: { error: { type: "SmtpError", message: "<b>full</b>" }, terminal: true },
    });
    await worker.complete(second);
    const failure = page.getByRole("row", { name: "SmtpError" });
    await failure.getByText("<b>full</b>").waitFor();
    await page.getByRole("img", { name: "Five minutes: 3 in, 2 done, 1 failed" }).waitFor();
    await expectNoAxeFindings(page);
  });

  test("it is paused and its limit is changed, and the page says who did that, when, from what and why", async () => {
    await using secured = await startSecured();
    const token = await secured.tokenOf("ada", { role: Role.OPERATOR, ...all });
    await secured.server.queue.updateQueue(
      { queue: { name: "mail", maxRunning: 20 }, allowMissing: true },
      secured.admin,
    );
    const page = await open(secured.server, { at: "#/queue/mail", expected });
    await signIn(page, token);

    await page.getByRole("button", { name: "Pause mail" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/^Why/).fill("the bank is down");
    await dialog.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume mail" }).waitFor();
    await page.getByText(/Changed by ada .* ago; before: false/).waitFor();
    await page.getByText("the bank is down").waitFor();

    const limit = page.getByRole("group", { name: "Most running tasks" });
    await limit.getByRole("textbox").fill("5");
    await page.getByRole("group", { name: "Retention" }).getByLabel("How long failed tasks are kept").fill("7d");
    await page.getByRole("button", { name: "Save 2 changes" }).click();
    await dialog.getByText("Tasks at a time, over all workers: 20 → 5").waitFor();
    await expectNoAxeFindings(page);
    await dialog.getByRole("button", { name: "Change them" }).click();
    await limit.getByText(/Changed by ada .* ago; before: 20/).waitFor();
    const { queue } = await secured.server.queue.getQueue({ name: "mail" }, as(token));
    expect([
      queue?.paused,
      queue?.maxRunning,
      queue?.retention?.failed?.seconds,
      queue?.retention?.completed?.seconds,
    ]).toEqual([true, 5, 604_800n, 86_400n]);
    await expectNoAxeFindings(page);
  });

  test("mistakes stand at their fields, and so do refusals of the server", async () => {
    await using server = await startServer();
    await server.queue.updateQueue({ queue: { name: "mail", maxRunning: 20 }, allowMissing: true });
    const page = await open(server, { at: "#/queue/mail", expected: [/status of 400/] });
    const policy = page.getByRole("group", { name: "Retry policy" });
    const longest = policy.getByLabel("Longest delay");
    await longest.fill("soon");
    await page.getByRole("button", { name: "Save 1 change" }).click();
    await policy.getByRole("alert").filter({ hasText: "Write a number with its unit" }).waitFor();
    expect(await longest.getAttribute("aria-invalid")).toBe("true");
    // Each is right for itself; the server compares them.
    await policy.getByLabel("Delay after the first failure").fill("1h");
    await longest.fill("1m");
    await page.getByRole("button", { name: "Save 2 changes" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Change them" }).click();
    await policy.getByRole("alert").filter({ hasText: "initial_backoff" }).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect((await readQueue(server, "mail")).retryPolicy?.maxBackoff?.seconds).toBe(600n);
    await page.getByRole("button", { name: "Undo" }).click();
    expect(await longest.inputValue()).toBe("10m");
  });

  test("tasks are deleted after they were counted", async () => {
    await using server = await startServer();
    await enqueueMany(server, 7, { queue: "mail" });
    const page = await open(server, { at: "#/queue/mail" });
    await page.getByRole("combobox", { name: "Delete" }).selectOption("tasks that wait");
    await page.getByRole("button", { name: "Count and delete" }).click();
    const dialog = page.getByRole("dialog", { name: "Delete 7 tasks of mail?" });
    await dialog.getByRole("button", { name: "Delete 7 tasks" }).click();
    await page.getByText("7 tasks of mail deleted.").waitFor();
    expect((await readQueue(server, "mail")).statistics?.pending).toBe(0n);
  });

  test("a viewer can look, and is told why it cannot change anything", async () => {
    await using secured = await startSecured();
    const token = await secured.tokenOf("vic", { role: Role.VIEWER, ...all });
    await secured.server.queue.updateQueue({ queue: { name: "mail" }, allowMissing: true }, secured.admin);
    const page = await open(secured.server, { at: "#/queue/mail", expected });
    await signIn(page, token);
    const pause = page.getByRole("button", { name: "Pause mail" });
    await pause.waitFor();
    await page.getByText("You may not do this: it needs the role operator.").first().waitFor();
    expect(await pause.getAttribute("aria-disabled")).toBe("true");
    await pause.click({ force: true });
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect(await page.getByLabel("Tasks at a time, over all workers").getAttribute("readonly")).not.toBeNull();
    expect(await page.getByRole("button", { name: "Save changes" }).isDisabled()).toBe(true);
    await expectNoAxeFindings(page);
  });
});
