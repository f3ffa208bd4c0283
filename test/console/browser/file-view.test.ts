/** The console of a file: it says what it shows, and offers nothing that cannot be done. */

import { expect, onTestFinished, test } from "vitest";
import { startFileView } from "../../../src/local/file-view.ts";
import { backupTo } from "../../harness/calls/copies.ts";
import { enqueue } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { expectNoAxeFindings } from "./axe.ts";
import { describeInBrowser, goTo } from "./browser.ts";

/** Shows the backup of a server on which a task has been running for long. */
async function showBackup() {
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const path = dir.file("friday.db");
  {
    await using server = await startServer({ clock: createFakeClock() });
    await enqueue(server, { queue: "mail", type: "send" });
    await enqueue(server, { queue: "mail", type: "wait" });
    await server.worker.claimTasks({ workerId: "w1", queues: ["mail"], maxTasks: 1, leaseDuration: { seconds: 5n } });
    await backupTo(path, server);
  }
  const app = await startFileView(path, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => app.close(0));
  return app;
}

describeInBrowser("a file", (open) => {
  test("is named with its time, and nothing in it can be changed", async () => {
    const app = await showBackup();
    const page = await open(app);
    await page.getByText("Read-only: friday.db as of").waitFor();
    const pause = page.getByRole("button", { name: "Pause mail" });
    await pause.waitFor();
    expect(await pause.getAttribute("aria-disabled")).toBe("true");
    expect(await pause.getAttribute("title")).toContain("only shown");
    // Who worked it is in no file.
    expect(await page.getByText("no worker", { exact: true }).count()).toBe(0);
    await expectNoAxeFindings(page);
    await goTo(page, "#/queue/mail");
    await page.getByText("No worker works on mail.").waitFor();
    expect(await page.getByText("All is well.").count()).toBe(0);

    await goTo(page, "#/tasks?queue=mail");
    const row = page.getByRole("row").filter({ hasText: "send" });
    await row.waitFor();
    expect((await row.innerText()).toLowerCase()).toContain("running");
    // By the time of the file, whatever the browser's clock says.
    const ages = await row.locator("time").allInnerTexts();
    expect(ages.length).toBeGreaterThan(0);
    await page.clock.setFixedTime(new Date("2040-01-01"));
    await page.reload();
    await page.getByText("Read-only: friday.db as of").waitFor();
    await row.waitFor();
    expect(await row.locator("time").allInnerTexts()).toEqual(ages);
  });
});
