import { expect, test } from "vitest";
import { skewWithin } from "../../console/src/rpc/clock-skew.ts";
import { enqueue } from "../harness/calls/tasks.ts";
import { startServer } from "../harness/server.ts";
import { describeInBrowser } from "./browser/browser.ts";
import { cellOf } from "./browser/tables.ts";

test.each([
  ["nothing that an answer in whole seconds can tell", 0, 5_000, 5_100, 5_900, 0],
  ["a clock that is ahead", 0, 65_000, 5_100, 5_300, 59_700],
  ["a clock that is behind", 0, 5_000, 65_100, 65_300, -59_101],
  ["no more than a slow answer tells", 0, 65_000, 5_100, 35_100, 29_900],
  ["what was known, where the answer allows it", 59_900, 65_000, 5_100, 5_300, 59_900],
])("the skew of the clocks: %s", (_, beforeMs, dateMs, sentMs, cameMs, expected) => {
  expect(skewWithin(beforeMs, dateMs, sentMs, cameMs)).toBe(expected);
});

describeInBrowser("a browser whose clock is wrong", (open) => {
  test.each([-600_000, 600_000])("shows ages by the server's: it is %i ms ahead", async (aheadMs) => {
    await using server = await startServer();
    await enqueue(server, { queue: "mail" });
    const page = await open(server);
    await page.clock.install({ time: Date.now() + aheadMs });
    await page.reload();
    const oldest = await cellOf(page, "mail", "Oldest");
    await oldest.filter({ hasText: /^\s*\d+(ms|s)\s*$/ }).waitFor();
  });
});
