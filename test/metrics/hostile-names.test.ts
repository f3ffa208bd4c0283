import { expect, test } from "vitest";
import { Metrics } from "../../src/metrics/metrics.ts";
import type { QueueMeasures, StoreMeasures } from "../../src/store/measures.ts";
import { enqueue } from "../harness/calls/tasks.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { startServer } from "../harness/server.ts";
import { readScrape, scrape } from "./scrape.ts";

const none = { bounds: [1], counts: [0, 0], sum: 0 };

/** Metrics of a store that has one queue of this name. */
function metricsOf(queue: string): Metrics {
  const measured: QueueMeasures = {
    queue,
    tasks: { blocked: 0, scheduled: 0, pending: 1, running: 0, completed: 0, failed: 0, cancelled: 0 },
    oldestReadyMs: null,
    paused: false,
    created: 1,
    finished: { completed: 0, failed: 0, cancelled: 0 },
    attempts: { completed: 0, failed: 0, released: 0, lease_lost: 0, timed_out: 0, cancelled: 0 },
    retries: 0,
    wait: none,
    run: none,
  };
  const measures: StoreMeasures = {
    queues: [measured],
    queueCount: 1,
    subscriptions: [],
    workflows: {
      unfinished: { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
      started: 0,
      finished: { completed: 0, failed: 0, cancelled: 0 },
    },
    events: 0,
    commits: { duration: none, sync: none, calls: none },
    files: { databaseBytes: 0, walBytes: 0, freeBytes: null, reserveBytes: 0 },
  };
  return new Metrics({
    store: { engine: "none", measure: async () => measures, answerMeasures: () => null },
    clock: createFakeClock(),
    version: "0",
    readServer: async () => ({
      servers: { heard: 1, unheard: 0 },
      isLeading: true,
      workers: [{ state: "connected", queues: [queue, queue], capacity: 2, inFlight: 0, isHere: true }],
      instances: { healthy: 0, draining: 0, unhealthy: 0 },
      watches: 0,
      xds: { streams: 0, responses: {}, refusals: {} },
      connections: 0,
      waitingCalls: 0,
      waitingBytes: 0,
      isDiskLow: false,
      busySeconds: 0,
    }),
  });
}

// The contract has none of these; a file that was written otherwise may.
test.each([
  ['a"b', 'a\\"b'],
  ["a\\b", "a\\\\b"],
  ["a\nsitq_store_up 0", "a\\nsitq_store_up 0"],
  ['"} 1\n# EOF', '\\"} 1\\n# EOF'],
  ["", ""],
  ["ü😀", "ü😀"],
])("a queue called %j makes no line of its own", async (name, written) => {
  const { value } = readScrape(await metricsOf(name).render());
  expect(value(`sitq_queue_tasks{queue="${written}",state="pending"}`)).toBe(1);
  expect(value(`sitq_queue_workers{queue="${written}"}`)).toBe(1);
  expect(value("sitq_store_up")).toBe(1);
});

test("names that objects know are names like others", async () => {
  await using server = await startServer({ config: { metrics: "on" } });
  const names = ["constructor", "toString", "hasOwnProperty", "NaN", "le", "queue", "a".repeat(100)];
  for (const queue of names) await enqueue(server, { queue });
  const { value, labelValues } = await scrape(server);
  for (const queue of names) expect(value(`sitq_tasks_created_total{queue="${queue}"}`)).toBe(1);
  expect(labelValues("sitq_queue_workers", "queue").toSorted()).toEqual(names.toSorted());
});
