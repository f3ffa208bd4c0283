import { expect, test } from "vitest";
import { enqueueMany } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { expectNoAxeFindings } from "./browser/axe.ts";
import { describeInBrowser } from "./browser/browser.ts";

describeInBrowser("the view of what is now", (open) => {
  test("it shows the queues, and changes without being loaded again", async () => {
    await using server = await startServer();
    await enqueueMany(server, 3, { queue: "mail" });
    const page = await open(server);
    const waiting = page.getByRole("row", { name: "mail" }).getByRole("cell").first();
    await waiting.filter({ hasText: /^3$/ }).waitFor();
    await page.evaluate(() => document.body.setAttribute("data-mark", "same page"));
    await enqueueMany(server, 2, { queue: "mail" });
    await waiting.filter({ hasText: /^5$/ }).waitFor();
    expect(await page.getAttribute("body", "data-mark")).toBe("same page");
    await expectNoAxeFindings(page);
  });
});
