import { expect, it } from "vitest";
import { LostWorkers } from "../../../src/queue/workers/lost-workers.ts";
import { WorkerStatistics } from "../../../src/queue/workers/worker-statistics.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const hello = {
  workerId: "w",
  service: "",
  queues: ["orders"],
  types: [],
  capacity: 4,
  weight: 0,
  address: "",
  metadata: {},
  incarnation: "",
  held: [],
};
const view = { hello, state: "connected", capacity: 4, inFlight: 2, connectMs: 0, lastSeenMs: 0 } as const;

it("keeps the last three hundred, and of each name the last", () => {
  const clock = createFakeClock();
  const lost = new LostWorkers(clock);
  const figures = new WorkerStatistics(clock).figuresOf("w");
  for (let n = 0; n < 301; n++) {
    clock.advance(1_000);
    lost.add({ ...view, hello: { ...hello, workerId: `w${n}` } }, 2, figures);
  }
  expect(lost.list()).toHaveLength(300);
  expect([lost.of("w0"), lost.of("w1")?.figures.lost]).toEqual([undefined, 2]);
  lost.add({ ...view, hello: { ...hello, workerId: "w1" } }, 5, figures);
  expect(lost.list()).toHaveLength(300);
  expect(lost.of("w1")).toMatchObject({
    lostMs: clock.now(),
    figures: { lost: 5 },
    view: { state: "lost", inFlight: 0 },
  });
  clock.advance(3_600_000 - 1_000);
  expect(lost.list().map(({ view: { hello } }) => hello.workerId)).toEqual(["w300", "w1"]);
});
