import { setInterval } from "node:timers/promises";
import type { Case, Figure } from "../../case.ts";
import { drainInTurn, startVariant } from "../../measure/drain-variants.ts";

/** How often `/metrics` is read, in milliseconds; Prometheus asks every 15 s. */
const scrapeMs = 1_000;

/** What metrics cost: two servers that differ in nothing else, drained in turn, while the metrics of one are read every second. */
export const metrics: Case = {
  name: "metrics",
  what: "a drain with room for 256 with metrics that are read every second, beside one without",
  server: "none",
  goals: [{ figure: "CPU with metrics", atMost: 1.03 }],
  async run(context, rounds) {
    await using stack = new AsyncDisposableStack();
    const off = await startVariant(context, { name: "off", flags: [], security: {} }, stack);
    const on = await startVariant(context, { name: "on", flags: ["--metrics", "on"], security: {} }, stack);
    const ended = new AbortController();
    const scraping = scrapeUntil(`http://${on.address}/metrics`, ended.signal);
    stack.defer(async () => {
      ended.abort();
      await scraping;
    });
    const figures: Figure[][] = [];
    for (let round = 0; round <= rounds; round++) {
      const [without, withMetrics] = await drainInTurn(context, [off, on], round);
      const ratio = (what: "rate" | "cpu") => (withMetrics?.[what] ?? Number.NaN) / (without?.[what] ?? Number.NaN);
      figures.push([
        { name: "CPU with metrics", unit: "ratio", value: ratio("cpu") },
        { name: "rate with metrics", unit: "ratio", value: ratio("rate") },
        { name: "server CPU, off", unit: "µs", value: without?.cpu ?? Number.NaN },
        { name: "server CPU, on", unit: "µs", value: withMetrics?.cpu ?? Number.NaN },
      ]);
    }
    // The first one was the warm-up.
    return figures.slice(1);
  },
};

async function scrapeUntil(url: string, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of setInterval(scrapeMs, undefined, { signal })) await (await fetch(url, { signal })).text();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
