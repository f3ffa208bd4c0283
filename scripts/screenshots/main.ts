/** Takes the pictures of the console in docs/console/, of a real server at work. Run it by `npm run screenshots`. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "playwright-core";
import { connect } from "../../src/client/index.ts";
import { launchBrowser } from "../../test/console/browser/chromium.ts";
import { startServer } from "../../test/harness/server-process.ts";
import { createTempDir } from "../../test/harness/temp-dir.ts";
import { startShop } from "./shop.ts";

const folder = "docs/console";
/** How long the shop has worked by then, in seconds: the last five minutes are to have something to show. */
const seconds = 75;

await mkdir(folder, { recursive: true });
await using dir = await createTempDir();
await using server = await startServer({ db: dir.file("sitq.db") });
const client = connect({ address: server.address, service: "shop" });
const shop = await startShop(client);
await sleep(seconds * 1_000);
const browser = await launchBrowser();
const page = await browser.newPage({
  viewport: { width: 1280, height: 720 },
  colorScheme: "light",
  reducedMotion: "reduce",
});
const places = {
  now: "#/now",
  queue: "#/queue/mail",
  tasks: "#/tasks?queue=mail&state=failed",
  task: `#/task/${shop.failedTask}`,
  workflow: `#/workflow/${shop.workflow}`,
  events: "#/events",
  trace: `#/trace/${shop.correlationId}`,
  workers: "#/workers",
  services: "#/services",
};
for (const [name, place] of Object.entries(places)) await take(page, name, place);
await page.emulateMedia({ colorScheme: "dark" });
await take(page, "now-dark", places.now);
await browser.close();
await shop.stop();
await client.close();

async function take(page: Page, name: string, place: string): Promise<void> {
  await page.goto(`http://${server.address}/console/${place}`);
  await page.locator("main h1").waitFor();
  await page
    .locator("main")
    .getByText(/^Loading/)
    .waitFor({ state: "detached" });
  const path = join(folder, `${name}.png`);
  const { byteLength } = await page.screenshot({ path });
  console.log(`${path}  ${Math.round(byteLength / 1_000)} kB`);
}
