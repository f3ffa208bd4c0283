import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { Authenticator } from "../../../src/rpc/calls/authorize.ts";
import { as, principalHeader, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, json, present, read, span, type TaskInit } from "../../harness/calls/tasks.ts";
import { startProxy } from "../../harness/proxy.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";

const evil = '<img src=x onerror="document.title=1"> \u202egnp.exe\u0000 </script><script>alert(1)</script>';
const evilShown = '<img src=x onerror="document.title=1"> ⟨U+202E⟩gnp.exe⟨U+0000⟩ </script><script>alert(1)</script>';

function life(page: Page) {
  return page.getByRole("list", { name: "The task's life" }).getByRole("listitem");
}

function lifeHas(page: Page, text: string | RegExp) {
  return life(page).filter({ hasText: text }).waitFor();
}

/** A task that has failed for good. */
async function failed(server: TestServer, task: TaskInit, message = "it did not work", type = "SmtpError") {
  const stored = await enqueue(server, { queue: "mail", ...task });
  const worker = await connectWorker(server, { queues: ["mail"] });
  const error = { type, message, stackTrace: `${message}\n  at send (mail.ts:7)` };
  await worker.end(await worker.take(1), { case: "failed", value: { error, terminal: true } });
  worker.close();
  await worker.ended;
  return stored;
}

/** Every call of a browser is that of a viewer, of the queue `mail` and without content. */
const asViewer: Authenticator = {
  principalOf(call) {
    const grant = { role: "viewer", payloads: false, queue: ["mail"], event_type: [], service: [] } as const;
    if (call.metadata.get(principalHeader).length > 0) return trustingAuthenticator.principalOf(call);
    return { name: "onlooker", grants: [grant], credential: { kind: "token", id: "onlooker", expireMs: null } };
  },
};

describeInBrowser("the view of a task", (open) => {
  test("it says why it is not running, and follows it from its queue to its end", async () => {
    await using server = await startServer();
    const task = await enqueue(server, { queue: "mail", type: "welcome", payload: json({ to: "ada" }) });
    const page = await open(server, { at: `#/task/${task.id}` });
    await page.getByText('No worker is on the queue "mail".').waitFor();
    await lifeHas(page, "created");
    await lifeHas(page, "pending");
    await page.getByText("The same by command").first().click();
    await page.getByText(`sitq explain ${task.id}`).waitFor();
    await page
      .getByText(`grpcurl -plaintext -d '{"task_id":"${task.id}"}' ${server.address} sitq.v1.QueueService/ExplainTask`)
      .waitFor();
    await expectNoAxeFindings(page);

    const worker = await connectWorker(server, { queues: ["mail"], workerId: "web-3" });
    await worker.take(1);
    await lifeHas(page, "runs on web-3");
    worker.send({
      case: "heartbeat",
      value: { progress: [{ taskId: task.id, attempt: 1, progress: { fraction: 0.5, message: "half" } }] },
    });
    await page.getByText("50 %").waitFor();
    await worker.end([{ id: task.id, attempt: 1 }], {
      case: "completed",
      value: { result: { kind: { case: "binary", value: new TextEncoder().encode('{"id":9007199254740993}') } } },
    });
    await lifeHas(page, "completed on web-3");
    await page.getByText("9007199254740993").waitFor();
    await page.getByRole("button", { name: "Hex" }).click();
    await page.getByText("00000000  7b 22 69 64").waitFor();
    await expectNoAxeFindings(page);
  });

  test("it is run again with a changed payload, which is checked as it is written", async () => {
    await using server = await startServer();
    const headers = { tenant: "a" };
    const task = await failed(server, { type: "welcome", payload: json({ order: 7 }), headers });
    const page = await open(server, { at: `#/task/${task.id}` });
    await page.getByRole("button", { name: "Run again…" }).click();
    const dialog = page.getByRole("dialog", { name: "Run welcome of mail again?" });
    await dialog.getByLabel("With").selectOption("JSON");
    const text = dialog.getByRole("textbox", { name: "Payload" });
    expect(JSON.parse(await text.inputValue())).toEqual({ order: 7 });
    await text.fill('{"order": 9007199254740993}');
    await dialog.getByText("would become others: 9007199254740993").waitFor();
    await text.fill('{"order": 8');
    await dialog.getByText(/JSON/).last().waitFor();
    await expectNoAxeFindings(page);
    await text.fill('{"order": 8}');
    await dialog.getByRole("button", { name: "Run it again" }).click();
    await page.getByRole("link", { name: task.id }).waitFor();
    const id = present(new URL(page.url()).hash.split("/").at(-1));
    expect(id).not.toBe(task.id);
    expect(await read(server, { id })).toMatchObject({
      payload: json({ order: 8 }),
      headers,
      state: TaskState.PENDING,
    });
    expect((await read(server, task)).state).toBe(TaskState.FAILED);
  });

  test("what waits is moved to another queue, priority and time; what is refused is said", async () => {
    await using server = await startServer();
    const task = await enqueue(server, { queue: "mail", delay: span(3_600_000) });
    const page = await open(server, { at: `#/task/${task.id}`, expected: [/status of 400/] });
    await lifeHas(page, "its time");
    await page.getByRole("button", { name: "Change…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Queue").fill("no queue!");
    await dialog.getByLabel("Priority").fill("9");
    await dialog.getByLabel("Next attempt").selectOption("now");
    await dialog.getByRole("button", { name: "Change it" }).click();
    await dialog.getByRole("alert").filter({ hasText: 'task.queue "no queue!"' }).waitFor();
    await dialog.getByLabel("Queue").fill("sms");
    await dialog.getByRole("button", { name: "Change it" }).click();
    await page.getByText('No worker is on the queue "sms".').waitFor();
    expect(await read(server, task)).toMatchObject({ queue: "sms", priority: 9, state: TaskState.PENDING });
  });

  test("it is retried, cancelled with a reason and deleted, each once that is confirmed", async () => {
    await using server = await startServer();
    const task = await failed(server, {});
    const page = await open(server, { at: `#/task/${task.id}`, expected: [/status of 404/] });
    await page.getByText("Stack trace").first().click();
    await page.getByText("at send (mail.ts:7)").first().waitFor();
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry it" }).click();
    await lifeHas(page, "pending");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("dialog").getByLabel("Reason").fill("by mistake");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel it" }).click();
    await page.getByText("by mistake").waitFor();
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Back" }).click();
    expect((await read(server, task)).state).toBe(TaskState.CANCELLED);
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete it" }).click();
    await page.getByText("The task was deleted. What is shown is how it was last.").waitFor();
  });

  test("no text of a task becomes markup, turns its surroundings or widens the page", async () => {
    await using server = await startServer();
    const long = "x".repeat(200);
    const correlationId = evil.slice(0, 100);
    const payload = json({ [evil]: [evil, "y".repeat(100_000)], list: Array.from({ length: 500 }, (_, at) => at) });
    const headers = { [long.slice(0, 120)]: evil };
    const task = await failed(
      server,
      { type: long, correlationId, sourceService: evil.slice(0, 50), payload, headers },
      evil,
      evil,
    );
    const page = await open(server, { at: `#/task/${task.id}`, viewport: { width: 800, height: 900 } });
    await page.getByText(evilShown).first().waitFor();
    await page.getByRole("button", { name: "All 100,000 characters" }).click();
    await page.getByRole("button", { name: "More: 400 are left" }).waitFor({ state: "detached" });
    await page.getByText("[500 items]").click();
    await page.getByRole("button", { name: "More: 400 are left" }).click();
    for (const place of [`#/task/${task.id}`, "#/tasks", "#/failures"]) {
      await goTo(page, place);
      await page.getByText("⟨U+202E⟩gnp.exe⟨U+0000⟩").first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      expect(await page.locator("img, main script").count()).toBe(0);
      expect(await page.title()).not.toBe("1");
      await expectNoAxeFindings(page);
    }
  });

  test("a large payload is shown a part at a time, and saved whole", async () => {
    await using server = await startServer();
    const value = Uint8Array.from({ length: 1_000_000 }, (_, at) => at % 251);
    const task = await enqueue(server, { payload: { kind: { case: "binary", value } } });
    const page = await open(server, { at: `#/task/${task.id}` });
    await page.getByText("Bytes, 976.6 KiB").waitFor();
    expect((await page.locator(".hex").textContent())?.split("\n")).toHaveLength(32);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download" }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(value)).toBe(true);
    expect(download.suggestedFilename()).toBe(`payload-of-${task.id}.bin`);
  });

  test("what a viewer may not see or do is said", async () => {
    await using server = await startServer({ authenticator: asViewer });
    const stored = { queue: "mail", type: "welcome", payload: json({ secret: 7 }) };
    const { task } = await server.queue.enqueue({ task: stored }, as("root", { role: "admin" }));
    const page = await open(server, { at: `#/task/${task?.id}`, expected: [/status of 403/] });
    await page.getByText("Your grants do not cover content").waitFor();
    await page.getByText("not shown to you").waitFor();
    const cancel = page.getByRole("button", { name: "Cancel" });
    expect(await cancel.getAttribute("aria-disabled")).toBe("true");
    expect(await cancel.getAttribute("title")).toMatch(/role producer or operator/);
    await expectNoAxeFindings(page);
    await goTo(page, "#/tasks?error-text=x");
    await page.getByRole("alert").filter({ hasText: "ROLE_REQUIRED" }).waitFor();
  });

  test("a stream that broke is said to be so, and what changed meanwhile is shown once it is back", async () => {
    await using server = await startServer();
    await using proxy = await startProxy(server.address);
    const task = await enqueue(server, { queue: "mail" });
    const page = await open(proxy, { at: `#/task/${task.id}` });
    await lifeHas(page, "pending");
    proxy.cut();
    await page.getByRole("status").filter({ hasText: "The server cannot be reached." }).first().waitFor();
    await server.queue.cancelTask({ taskId: task.id });
    await lifeHas(page, "cancelled");
  });
});
