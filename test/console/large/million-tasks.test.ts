import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { present } from "../../harness/calls/tasks.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { describeInBrowser, goTo } from "../browser/browser.ts";

const queues = 50;
const tasks = 1_000_000;
/** How many of the first queue fail: its oldest. */
const failed = 5_000;

/** Each list of the console, with what is in it. */
const places: readonly (readonly [place: string, content: RegExp])[] = [
  ["#/now", /q-07/],
  ["#/tasks", /resize/],
  ["#/tasks?queue=q-07", /resize/],
  ["#/tasks?queue=q-07&state=pending&order=oldest", /resize/],
  ["#/tasks?queue=q-00&state=failed&order=oldest", /ManyError/],
  // Behind more tasks than are looked at for one page: the view says so, and goes on when it is asked to.
  ["#/tasks?state=failed", /ManyError|Search on/],
  ["#/tasks?correlation-id=order-777", /resize/],
  ["#/failures", /ManyError/],
  ["#/failures?queue=q-00", /ManyError/],
  ["#/queue/q-07", /q-07/],
  ["#/workers", /many-1/],
];

describeInBrowser("the console with 1,000,000 tasks", (open) => {
  test("each list is there at once", async () => {
    await using server = await startServer({ config: { maxQueueDepth: 1_000_000 } });
    await fill(server);
    const { totals } = await server.monitor.getStatus({});
    expect(Number(totals?.pending)).toBe(tasks - failed);
    const page = await open(server);
    await page.getByRole("heading", { name: "Now" }).waitFor();
    const times: string[] = [];
    for (const [place, content] of places) {
      times.push(`${place}: ${Math.round(await timeOf(page, place, content))} ms`);
      process.stdout.write(`${times.at(-1)}\n`);
    }
    await page.context().close();
  });
});

/** How long it takes from one place to another one, until its content is there. */
async function timeOf(page: Page, place: string, content: RegExp): Promise<number> {
  await goTo(page, "#/nowhere");
  await page.getByText("There is no such page.").waitFor();
  const beginMs = performance.now();
  await goTo(page, place);
  await page.locator("main").getByText(content).filter({ visible: true }).first().waitFor();
  return performance.now() - beginMs;
}

async function fill(server: TestServer): Promise<void> {
  const names = Array.from({ length: queues }, (_, at) => `q-${String(at).padStart(2, "0")}`);
  for (let from = 0; from < tasks; from += 20_000) {
    const batches = Array.from({ length: 20 }, (_, batch) => ({
      requests: Array.from({ length: 1_000 }, (_, at) => {
        const order = from + batch * 1_000 + at;
        return { task: { queue: names[order % queues] ?? "", type: "resize", correlationId: `order-${order}` } };
      }),
    }));
    await Promise.all(batches.map((batch) => server.queue.enqueueBatch(batch)));
  }
  const worker = await connectWorker(server, { workerId: "many-1", queues: ["q-00"], capacity: failed });
  const error = { type: "ManyError", message: "one of many" };
  const taken = await worker.take(failed);
  // It takes no further ones.
  await server.worker.drainWorker({ workerId: "many-1" });
  for (let from = 0; from < failed; from += 1_000) {
    const ended = await worker.end(taken.slice(from, from + 1_000), {
      case: "failed",
      value: { error, terminal: true },
    });
    present(ended[0]);
  }
}
