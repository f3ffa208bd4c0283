import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Case, Figure } from "../../case.ts";
import { type DrainVariant, drainInTurn, type RunningVariant, startVariant } from "../../measure/drain-variants.ts";

/** Of so many traces one is recorded. */
const oneOf = 100;

/** What traces cost the server: servers that differ in nothing else, drained in turn, round by round. */
export const traces: Case = {
  name: "traces",
  what: "a drain with room for 256 with a collector, of tasks that are part of a trace or of none, beside one without",
  server: "none",
  async run(context, rounds) {
    await using stack = new AsyncDisposableStack();
    const collector = await startCollector(stack);
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector };
    const recorded = { headersOf: (n: number) => ({ traceparent: parentOf(n, n % oneOf === 0) }) };
    const variants: readonly Omit<DrainVariant, "flags" | "security">[] = [
      { name: "off" },
      { name: "collector, no traces", env },
      { name: "traces, no collector", content: recorded },
      { name: "1 % recorded", env, content: recorded },
      { name: "all recorded", env, content: { headersOf: (n) => ({ traceparent: parentOf(n, true) }) } },
    ];
    const running: RunningVariant[] = [];
    for (const variant of variants)
      running.push(await startVariant(context, { ...variant, flags: [], security: {} }, stack));
    const figures: Figure[][] = [];
    for (let round = 0; round <= rounds; round++) {
      const drained = await drainInTurn(context, running, round);
      figures.push(
        drained.flatMap(({ cpu, enqueueCpu }, index): Figure[] => {
          const name = running[index]?.name;
          return [
            { name: `drain: ${name}`, unit: "µs", value: cpu },
            { name: `drain: ${name}, ratio`, unit: "ratio", value: cpu / (drained[0]?.cpu ?? Number.NaN) },
            { name: `enqueue: ${name}`, unit: "µs", value: enqueueCpu },
          ];
        }),
      );
    }
    // The first one was the warm-up.
    return figures.slice(1);
  },
};

/** A `traceparent`: a trace and a span of its own for each number. */
function parentOf(number: number, isRecorded: boolean): string {
  const id = (number + 1).toString(16);
  return `00-${id.padStart(32, "a")}-${id.padStart(16, "b")}-0${isRecorded ? 1 : 0}`;
}

/** Starts a collector that takes everything and keeps nothing. Answers its endpoint. */
async function startCollector(stack: AsyncDisposableStack): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
