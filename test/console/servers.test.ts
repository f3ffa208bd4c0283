import { describe, expect, test } from "vitest";
import { clustersForTests } from "../cluster/cluster-harness.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { expectNoAxeFindings } from "./browser/axe.ts";
import { describeInBrowser, goTo } from "./browser/browser.ts";

describeInBrowser("the servers in the console", (open) => {
  test("are not listed where there is one alone", async () => {
    await using server = await startServer();
    const page = await open(server);
    const answered = page.waitForResponse(/ListServers$/);
    await page.reload();
    await answered;
    await page.getByText("There is no queue yet.").waitFor();
    expect(await page.getByRole("heading", { name: "Servers" }).count()).toBe(0);
  });

  describe.skipIf(isPostgresMissing)("of one database", () => {
    const startCluster = clustersForTests();

    test("are listed, with the one that leads, until one has ended; workers say where they are", async () => {
      const [first, second] = (await startCluster(2)) as [TestServer, TestServer];
      const page = await open(second);
      const rows = page.getByRole("region", { name: "Servers" }).locator("tbody tr");
      const has = (...texts: readonly string[]) =>
        texts.reduce((row, hasText) => row.filter({ hasText }), rows).waitFor();
      await has(first.address, "yes", "heard");
      await has(second.address, "answers");
      await expectNoAxeFindings(page);
      await connectWorker(second, { workerId: "near" });
      await has(second.address, "answers1");
      await goTo(page, "#/workers");
      await page.getByText("at server 2").waitFor();
      await goTo(page, "#/now");
      await has(first.address);
      await first.app.close(0);
      await page.getByRole("heading", { name: "Servers" }).waitFor({ state: "detached" });
    });
  });
});
