import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Task, TaskState } from "../../gen/sitq/v1/task_pb.js";
import { RealServer } from "../judge/real-server.ts";
import type { Rule } from "../judge/rule.ts";
import type { Trial } from "../judge/trial.ts";

/** What happens with a sitq server behind a hostile network. */
export const realServerRules: readonly Rule[] = [
  {
    id: "restart",
    sentence:
      "A server that is killed and started again finds the worker back: every task is completed, and no attempt runs twice.",
    section: "protocol.md#reconnecting",
    mode: "worker",
    seconds: 10,
    async run(trial) {
      const server = await RealServer.start();
      trial.atEnd(() => server.stop());
      const worker = trial.worker(server.address, { capacity: 4, queue: "restart" });
      await server.enqueueAll("restart", "sleep", 40, { seconds: 0.2 });
      await trial.until(() => worker.count("ended") >= 8, "8 handlers returned");
      trial.transcript.note("judge", "kills the server and starts it again");
      await server.killAndRestart();
      await allCompleted(trial, server, "restart", 40);
      trial.expect(worker.mostRunning <= 4, `${worker.mostRunning} handlers ran at a time, with a capacity of 4`);
      const attempts = new Set(worker.all("started").map(({ task, attempt }) => `${task}/${attempt}`));
      const again = worker.count("started") - attempts.size;
      trial.expect(again === 0, `${again} attempts ran more than once`);
    },
  },
  {
    id: "hostile-network",
    sentence:
      "Over a network that cuts every connection again and again each task is completed in its first attempt, and runs once.",
    section: "protocol.md#reconnecting",
    mode: "worker",
    seconds: 12,
    async run(trial) {
      const server = await trial.real();
      const proxy = await trial.proxy(server.address);
      const worker = trial.worker(proxy.address, { capacity: 5, queue: "hostile" });
      await server.enqueueAll("hostile", "sleep", 120, { seconds: 0.1 });
      for (let cuts = 0; cuts < 8; cuts++) {
        const before = worker.count("started");
        await trial.until(() => worker.count("started") > before + 3, "handlers go on");
        proxy.cut();
      }
      const tasks = await allCompleted(trial, server, "hostile", 120);
      const again = tasks.filter(({ attempt }) => attempt !== 1).length;
      trial.expect(again === 0, `${again} of 120 tasks took more than one attempt`);
      trial.expect(worker.count("started") === 120, `${worker.count("started")} handlers ran for 120 tasks`);
    },
  },
  {
    id: "slow-network",
    sentence: "Over a slow connection tasks with large payloads are completed, in their first attempt.",
    section: "protocol.md#leases",
    mode: "worker",
    seconds: 10,
    async run(trial) {
      const server = await trial.real();
      const proxy = await trial.proxy(server.address);
      proxy.throttle(200_000);
      trial.worker(proxy.address, { capacity: 10, queue: "slow" });
      await server.enqueueAll("slow", "echo", 20, { text: "x".repeat(50_000) });
      const tasks = await allCompleted(trial, server, "slow", 20);
      const again = tasks.filter(({ attempt }) => attempt !== 1).length;
      trial.expect(again === 0, `${again} of 20 tasks took more than one attempt`);
    },
  },
  {
    id: "attempt-timeout",
    sentence:
      "A handler that is past its `attempt_timeout` is cancelled; the next attempt begins, and the task fails when none is left.",
    section: "protocol.md#leases",
    mode: "worker",
    async run(trial) {
      const server = await trial.real();
      const worker = trial.worker(server.address, { capacity: 1, queue: "timeouts" });
      const id = await server.enqueue(
        "timeouts",
        "sleep",
        { seconds: 60 },
        {
          attemptTimeout: durationFromMs(1_000),
          maxAttempts: 2,
          retryPolicy: { initialBackoff: durationFromMs(100) },
        },
      );
      await trial.until(() => worker.count("ended", { how: "cancelled" }) === 2, "two handlers were cancelled");
      const left = await server.unfinished("timeouts", 10_000);
      const { state, lastError } = await server.task(id);
      trial.expect(left === 0 && state === TaskState.FAILED, `the task is ${TaskState[state]}`);
      trial.expect(lastError?.type === "ATTEMPT_TIMEOUT", `its last_error is of the type ${lastError?.type}`);
    },
  },
  {
    id: "stop-releases",
    sentence:
      "A worker that stops leaves no lease behind: what it did not finish is offered again at once, and no attempt is burned.",
    section: "protocol.md#stopping",
    mode: "worker",
    async run(trial) {
      const server = await trial.real();
      const worker = trial.worker(server.address, { capacity: 4, queue: "stopping", grace: 1 });
      await server.enqueueAll("stopping", "sleep", 10, { seconds: 60 });
      await trial.until(() => worker.running === 4, "4 handlers run");
      worker.signal("SIGTERM");
      await trial.ends(worker, 0);
      const tasks = await server.tasks("stopping");
      const running = tasks.filter(({ state }) => state === TaskState.RUNNING).length;
      trial.expect(running === 0, `${running} tasks are still RUNNING`);
      const burned = tasks.filter(({ attempt }) => attempt > 1).length;
      trial.expect(burned === 0, `${burned} tasks have lost an attempt`);
    },
  },
  {
    id: "hostile-network-producer",
    sentence: "Over a network that cuts every connection again and again each task is stored once.",
    section: "protocol.md#enqueueing-over-a-stream",
    mode: "producer",
    seconds: 10,
    async run(trial) {
      const server = await trial.real();
      const proxy = await trial.proxy(server.address);
      // Slow answers, so that cuts fall between a commit and its answer.
      proxy.throttle(2_000);
      const producer = trial.producer(proxy.address, { count: 300, queue: "produced" });
      for (let cuts = 0; cuts < 6; cuts++) {
        while (proxy.connections === 0 && producer.end === null) await trial.pass(10);
        if (producer.end !== null) break;
        await trial.pass(100 + cuts * 50);
        proxy.cut();
      }
      await trial.ends(producer, 0, 30_000);
      const stored = (await server.tasks("produced")).length;
      trial.expect(stored === 300, `${stored} tasks are stored for 300 enqueues`);
    },
  },
];

/** Waits until all tasks of a queue are completed, and answers them. */
async function allCompleted(trial: Trial, server: RealServer, queue: string, count: number): Promise<readonly Task[]> {
  const left = await server.unfinished(queue, 30_000);
  trial.expect(left === 0, `${left} of ${count} tasks are not finished`);
  const tasks = await server.tasks(queue);
  const completed = tasks.filter(({ state }) => state === TaskState.COMPLETED).length;
  trial.expect(completed === count, `${completed} of ${count} tasks are completed`);
  return tasks;
}
