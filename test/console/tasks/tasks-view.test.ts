import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, read, readQueue, type TaskInit } from "../../harness/calls/tasks.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";
import { cellHas, rowOf } from "../browser/tables.ts";

const failed = (type: string, message = "it did not work") =>
  ({ case: "failed", value: { error: { type, message, stackTrace: "at once" }, terminal: true } }) as const;

/** Tasks that have failed with an error. */
async function fail(server: TestServer, count: number, task: TaskInit, errorType: string) {
  const queue = task.queue ?? "mail";
  const tasks = await enqueueMany(server, count, { ...task, queue });
  const worker = await connectWorker(server, { queues: [queue], capacity: 1_000 });
  await worker.end(await worker.take(count), failed(errorType));
  worker.close();
  await worker.ended;
  return tasks;
}

function rows(page: Page) {
  return page.getByRole("table", { name: "Tasks" }).locator("tbody tr");
}

function says(page: Page, text: string | RegExp) {
  return page.getByRole("status").filter({ hasText: text }).first().waitFor();
}

describeInBrowser("the view of tasks", (open) => {
  test("500 failed tasks are retried at once, with the count first", async () => {
    await using server = await startServer();
    await fail(server, 500, { type: "welcome" }, "SmtpError");
    await fail(server, 3, { type: "welcome" }, "Other");
    const page = await open(server, { at: "#/failures?queue=mail" });
    await page
      .getByRole("row", { name: /SmtpError/ })
      .getByRole("link", { name: "500" })
      .click();
    expect(new URL(page.url()).hash).toBe("#/tasks?queue=mail&type=welcome&state=failed&error=SmtpError");
    await expect.poll(() => rows(page).count()).toBe(50);
    await page.getByRole("button", { name: "Load more" }).click();
    await expect.poll(() => rows(page).count()).toBe(100);
    await expectNoAxeFindings(page);

    await page.getByRole("button", { name: "Select all that match the filter" }).click();
    await page.getByRole("button", { name: "Retry what is selected" }).click();
    const dialog = page.getByRole("dialog", { name: "Retry 500 tasks?" });
    await dialog.getByText("500 × SmtpError").waitFor();
    await expectNoAxeFindings(page);
    expect((await readQueue(server, "mail")).statistics?.failed).toBe(503n);
    await dialog.getByRole("button", { name: "Retry 500 tasks" }).click();
    await says(page, "500 tasks retried.");
    await page.getByText("No task matches.").waitFor();
    expect((await readQueue(server, "mail")).statistics).toMatchObject({ failed: 3n, pending: 500n });
  });

  test("the filter stands in the address, and what cannot be read of it is said", async () => {
    await using server = await startServer();
    const [first] = await enqueueMany(server, 1, { queue: "mail", type: "welcome", priority: 7 });
    await enqueueMany(server, 2, { queue: "sms", type: "code" });
    const page = await open(server, { at: "#/tasks" });
    await expect.poll(() => rows(page).count()).toBe(3);
    await page.keyboard.press("f");
    await page.keyboard.type("mail");
    await page.keyboard.press("Enter");
    await expect.poll(() => rows(page).count()).toBe(1);
    expect(new URL(page.url()).hash).toBe("#/tasks?queue=mail");
    // The cursor stays where it is.
    await page.keyboard.press("End");
    await page.keyboard.type("s");
    await page.keyboard.press("Enter");
    await page.getByText("No task matches.").waitFor();
    await page.goBack();
    await page.getByText("More to filter by").click();
    await page.getByLabel("Priority").fill("7..");
    await page.getByLabel("Priority").press("Enter");
    await expect.poll(() => new URL(page.url()).hash).toBe("#/tasks?queue=mail&priority=7..");
    await rowOf(page, first?.id ?? "").waitFor();
    await cellHas(page, first?.id ?? "", "Why", 'no worker is on the queue "mail"');
    await page.getByLabel("In its state for").fill("soon");
    await page.getByLabel("In its state for").press("Enter");
    await page.getByText("A span: 30s, 10m, 1h30m, 2d.").waitFor();
    await page.getByRole("button", { name: "Select all that match the filter" }).click();
    const remove = page.getByRole("button", { name: "Delete what is selected" });
    expect(await remove.getAttribute("title")).toBe("The filter cannot be read.");
    await goTo(page, "#/tasks?queue=mail&state=faild");
    await page.getByRole("alert").filter({ hasText: "no filter of tasks: state=faild" }).waitFor();
    await page.getByRole("button", { name: "Select all that match the filter" }).click();
    expect(await remove.getAttribute("title")).toBe("The filter cannot be read.");
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await expect.poll(() => rows(page).count()).toBe(3);
    expect(await page.getByRole("combobox", { name: "Queue" }).inputValue()).toBe("");
  });

  test("it changes by itself, keeps what is selected, and says what left the list", async () => {
    await using server = await startServer();
    const [first, second] = await enqueueMany(server, 2, { queue: "mail" });
    const page = await open(server, { at: "#/tasks?queue=mail&state=pending" });
    await page.getByRole("checkbox", { name: `Select ${first?.id}`, exact: true }).check();
    await page.getByRole("checkbox", { name: `Select ${second?.id}`, exact: true }).check();
    await says(page, "2 selected.");
    const third = await enqueue(server, { queue: "mail" });
    await rowOf(page, third.id).waitFor();
    await says(page, "2 selected.");
    await server.queue.cancelTask({ taskId: first?.id ?? "" });
    await cellHas(page, first?.id ?? "", "State", "no longer in the list");
    await says(page, /1 selected task left the list meanwhile/);
    expect(await page.getByRole("checkbox", { name: `Select ${first?.id}`, exact: true }).isDisabled()).toBe(true);
  });

  test("tasks that are selected one by one, or as a range, are cancelled and deleted; what is refused is said", async () => {
    await using server = await startServer();
    const tasks = await enqueueMany(server, 6, { queue: "mail" });
    const page = await open(server, { at: "#/tasks?queue=mail&order=oldest", expected: [/status of 404/] });
    const box = (at: number) => page.getByRole("checkbox", { name: `Select ${tasks[at]?.id}`, exact: true });
    await box(0).click();
    await box(3).click({ modifiers: ["Shift"] });
    await says(page, "4 selected.");
    await box(1).press("ArrowUp");
    await page.keyboard.press("Space");
    await says(page, "3 selected.");

    await page.getByRole("button", { name: "Cancel what is selected" }).click();
    // One of them is finished by then.
    await server.queue.deleteTask({ taskId: tasks[2]?.id ?? "" });
    await page.getByRole("dialog").getByRole("button", { name: "Cancel 3 tasks" }).click();
    await says(page, "2 tasks cancelled; skipped: 1 with TASK_NOT_FOUND.");
    await says(page, "0 selected.");
    const states = await Promise.all([0, 1, 3].map(async (at) => (await read(server, tasks[at] ?? { id: "" })).state));
    expect(states).toEqual([TaskState.PENDING, TaskState.CANCELLED, TaskState.CANCELLED]);

    await page.getByRole("checkbox", { name: "Select all that are shown" }).check();
    await page.getByRole("button", { name: "Delete what is selected" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete 5 tasks" }).click();
    await says(page, "5 tasks deleted.");
    await page.getByText("No task matches.").waitFor();
  });
});
