import { expect, test } from "vitest";
import { Role } from "../../../gen/sitq/v1/access_pb.js";
import { as, startSecured } from "../../access/secured-server.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";
import { expectNoAxeFindings } from "../browser/axe.ts";
import { describeInBrowser } from "../browser/browser.ts";

describeInBrowser("the view of workers", (open) => {
  test("a worker comes, works and is drained by the page, without being loaded again", async () => {
    await using server = await startServer();
    await enqueueMany(server, 1, { queue: "mail" });
    const page = await open(server, { at: "#/workers" });
    await page.getByText("There is no worker.").waitFor();
    const worker = await connectWorker(server, {
      workerId: "mail-1",
      queues: ["mail"],
      capacity: 4,
      metadata: { zone: "b", note: "<script>alert(1)</script>" },
    });
    await worker.take(1);
    const row = page.getByRole("row", { name: "mail-1" });
    await row.getByText("1/4").waitFor();
    await row.getByText("<script>alert(1)</script>").waitFor();
    expect(await row.getByRole("link", { name: "mail", exact: true }).getAttribute("href")).toBe("#/queue/mail");
    expect(await row.getByTitle(/^The task /).getAttribute("href")).toMatch(/^#\/task\/\w{11}$/);
    await expectNoAxeFindings(page);

    await row.getByRole("button", { name: "Drain mail-1" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("The task that it runs may finish.").waitFor();
    await expectNoAxeFindings(page);
    await dialog.getByRole("button", { name: "Drain it" }).click();
    await worker.next("drain");
    await row.getByText("draining").waitFor();
    expect(await row.getByRole("button", { name: "Drain" }).count()).toBe(0);
  });

  test("what the server refuses is said where it was asked for", async () => {
    await using server = await startServer();
    const worker = await connectWorker(server, { workerId: "mail-1", queues: ["mail"] });
    const page = await open(server, { at: "#/workers", expected: [/status of 404/] });
    await page.getByRole("button", { name: "Drain mail-1" }).click();
    const dialog = page.getByRole("dialog", { name: "Drain the worker mail-1?" });
    await dialog.waitFor();
    worker.close();
    await worker.ended;
    await dialog.getByRole("button", { name: "Drain it" }).click();
    await dialog.getByRole("alert").filter({ hasText: "WORKER_NOT_FOUND" }).waitFor();
    await dialog.getByRole("button", { name: "Back" }).click();
    await page.getByText("There is no worker.").waitFor();
  });

  test("the address selects by queue and state", async () => {
    await using server = await startServer();
    await connectWorker(server, { workerId: "mail-1", queues: ["mail"] });
    await connectWorker(server, { workerId: "sms-1", queues: ["sms"] });
    const page = await open(server, { at: "#/workers?queue=sms&state=connected" });
    await page.getByRole("row", { name: "sms-1" }).waitFor();
    expect(await page.getByRole("row", { name: "mail-1" }).count()).toBe(0);
    await page.getByLabel("State").selectOption("lost");
    await page.getByText("No worker of sms is lost.").waitFor();
    expect(new URL(page.url()).hash).toBe("#/workers?queue=sms&state=lost");
  });

  test("more workers than a page holds are on further pages, which the address names", async () => {
    await using server = await startServer();
    const names = Array.from({ length: 103 }, (_, at) => `mail-${String(at).padStart(3, "0")}`);
    for (const workerId of names) await connectWorker(server, { workerId, queues: ["mail"] });
    const page = await open(server, { at: "#/workers" });
    await page.getByRole("row", { name: "mail-099" }).waitFor();
    expect(await page.getByRole("row").count()).toBe(101);
    await page.getByRole("link", { name: "Next page" }).click();
    await page.getByRole("row", { name: "mail-102" }).waitFor();
    expect(await page.getByRole("row").count()).toBe(4);
    await page.reload();
    await page.getByRole("row", { name: "mail-102" }).waitFor();
    await page.getByRole("link", { name: "First page" }).click();
    await page.getByRole("row", { name: "mail-000" }).waitFor();
  });

  test("a viewer sees why it cannot drain", async () => {
    await using secured = await startSecured();
    const all = { queues: ["*"], eventTypes: ["*"], services: ["*"] };
    const { worker } = secured.server;
    const workerToken = await secured.tokenOf("mailer", { role: Role.WORKER, ...all });
    await connectWorker({ worker: { ...worker, work: () => worker.work(as(workerToken)) } }, { workerId: "mail-1" });
    const page = await open(secured.server, { at: "#/workers", expected: [/status of 401/] });
    await page.getByLabel("Token").fill(await secured.tokenOf("vic", { role: Role.VIEWER, ...all }));
    await page.keyboard.press("Enter");
    const drain = page.getByRole("button", { name: /^Drain .*mail-1$/ });
    await drain.waitFor();
    await page.getByText("You may not do this: it needs the role operator.").waitFor();
    await drain.click({ force: true });
    expect(await page.getByRole("dialog").count()).toBe(0);
  });
});
