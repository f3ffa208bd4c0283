import { expect, test } from "vitest";
import type { QueueFlow } from "../../../src/domain/tasks/queue-flow.ts";
import { historyStepMs, historySteps, QueueRates } from "../../../src/queue/tasks/queue-rates.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const flow = (counts: Partial<QueueFlow>): QueueFlow => ({
  queue: "mail",
  enqueued: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  ...counts,
});

test("answers tasks a second over the last minute, or since the start if that is nearer", () => {
  const clock = createFakeClock();
  const rates = new QueueRates(clock);
  clock.advance(10_000);
  rates.add([flow({ enqueued: 50, completed: 20, failed: 5, cancelled: 5 })]);
  rates.handedOut("mail", 40);
  expect(rates.rateOf("mail")).toEqual({ enqueued: 5, handedOut: 4, finished: 3, failed: 0.5 });
  expect(rates.rateOf("other")).toEqual({ enqueued: 0, handedOut: 0, finished: 0, failed: 0 });
  clock.advance(40_000);
  expect(rates.rateOf("mail").enqueued).toBe(1);
  clock.advance(historyStepMs * 12);
  expect(rates.rateOf("mail").enqueued).toBe(0);
});

test("keeps five minutes in steps of five seconds, oldest first", () => {
  const clock = createFakeClock();
  const rates = new QueueRates(clock);
  rates.add([flow({ enqueued: 1 }), flow({ queue: "other", enqueued: 9 })]);
  rates.add([flow({ enqueued: 1 })]);
  clock.advance(3 * historyStepMs);
  rates.add([flow({ enqueued: 7, failed: 2 })]);
  const { enqueued, finished, failed } = rates.historyOf("mail");
  expect(enqueued.slice(-5)).toEqual([0, 2, 0, 0, 7]);
  expect(finished.at(-1)).toBe(2);
  expect(failed.at(-1)).toBe(2);
  clock.advance(historyStepMs * (historySteps - 1));
  expect(rates.historyOf("mail").enqueued).toEqual([7, ...new Array(historySteps - 1).fill(0)]);
  clock.advance(historyStepMs);
  expect(rates.historyOf("mail").enqueued).toEqual(new Array(historySteps).fill(0));
  rates.add([flow({ enqueued: 3 })]);
  expect(rates.historyOf("mail").enqueued).toEqual([...new Array(historySteps - 1).fill(0), 3]);
});
