import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it, onTestFinished } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { SettleStatus } from "../../gen/sitq/v1/worker_service_pb.js";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { type ServerHarness, startServerHarness } from "./harness/server-harness.ts";
import { type OutcomeInit, type StreamWorker, startStreamWorker } from "./harness/stream-worker.ts";

/** A worker in the test's own process, and what it hears. */
interface Watched {
  readonly worker: StreamWorker;
  /** Resolves when it holds this many tasks. */
  holds(n: number): Promise<void>;
  /** Resolves at `drain`. */
  readonly drained: Promise<void>;
  /** What it kept at each welcome. */
  readonly kept: number[];
  /** Tells an outcome, and answers what became of it. */
  settle(taskId: string, outcome: OutcomeInit): Promise<string>;
}

function startWatched({ address }: ServerHarness, workerId: string, queue: string): Watched {
  const drained = Promise.withResolvers<void>();
  const kept: number[] = [];
  const answers = new Map<string, PromiseWithResolvers<string>>();
  const answerOf = (taskId: string) => {
    const answer = answers.get(taskId) ?? Promise.withResolvers<string>();
    answers.set(taskId, answer);
    return answer;
  };
  let onTask: () => void = () => undefined;
  const worker = startStreamWorker({
    address,
    workerId,
    queues: [queue],
    capacity: 10,
    events: {
      welcome: (still) => kept.push(still.length),
      task: () => onTask(),
      settled: ({ taskId }, status) => answerOf(taskId).resolve(SettleStatus[status]),
      drain: () => drained.resolve(),
    },
  });
  onTestFinished(() => worker.abandon());
  return {
    worker,
    drained: drained.promise,
    kept,
    holds: (n) =>
      new Promise((resolve) => {
        onTask = () => worker.inHand.size >= n && resolve();
        onTask();
      }),
    settle(taskId, outcome) {
      worker.settle({ taskId, attempt: 1 }, outcome);
      return answerOf(taskId).promise;
    },
  };
}

const graceMs = 10_000;

it("stops with 0 as soon as nothing is in flight, with streams of every kind open, and burns no attempt", async () => {
  const harness = await startServerHarness(["--drain-grace", `${graceMs}ms`]);
  const quick = startWatched(harness, "quick", "crash");
  const finished = await harness.enqueue("finish");
  const givenBack = await harness.enqueue("give-back");
  await quick.holds(2);

  const channel = createChannel(harness.address);
  onTestFinished(() => channel.close());
  const endings = [
    drainOf(createClient(Health, channel).watch({ service: "" })),
    drainOf(harness.queue.watchTasks({})),
    harness.worker.claimTasks({ workerId: "waiting", queues: ["idle"], wait: durationFromMs(60_000) }),
    harness.queue.awaitTask({ taskId: givenBack, timeout: durationFromMs(60_000) }),
  ].map((ending) => ending.then(String, String));

  const beganMs = performance.now();
  harness.server.signal("SIGTERM");
  await quick.drained;
  expect(await quick.settle(finished, { case: "completed", value: {} })).toBe("SETTLED");
  expect(await quick.settle(givenBack, { case: "released", value: {} })).toBe("SETTLED");
  expect(await harness.server.exited, harness.server.log).toEqual({ code: 0, signal: null });
  expect(performance.now() - beganMs).toBeLessThan(graceMs);
  await Promise.all(endings);
  await quick.worker.abandon();

  await harness.restart();
  expect(await harness.read(finished)).toEqual({ state: "COMPLETED", attempts: ["1 quick COMPLETED"] });
  const next = startWatched(harness, "next", "crash");
  await next.holds(1);
  expect(await next.settle(givenBack, { case: "completed", value: {} })).toBe("SETTLED");
  const attempts = ["1 quick RELEASED", "1 next COMPLETED"];
  expect(await harness.finished(givenBack)).toEqual({ state: "COMPLETED", attempts });
});

it("stops with 0 after the grace, and a worker that is not done goes on with its task after the restart", async () => {
  const harness = await startServerHarness(["--drain-grace", "500ms"]);
  const slow = startWatched(harness, "slow", "crash");
  const taskId = await harness.enqueue("take-long");
  await slow.holds(1);
  harness.server.signal("SIGTERM");
  await slow.drained;
  expect(await harness.server.exited, harness.server.log).toEqual({ code: 0, signal: null });

  await harness.restart();
  expect(await slow.settle(taskId, { case: "completed", value: {} })).toBe("SETTLED");
  expect(slow.kept).toEqual([0, 1]);
  expect(await harness.finished(taskId)).toEqual({ state: "COMPLETED", attempts: ["1 slow COMPLETED"] });
});

async function drainOf(messages: AsyncIterable<unknown>): Promise<void> {
  for await (const _message of messages);
}
