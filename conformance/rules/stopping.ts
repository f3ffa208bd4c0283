import { status as statusCode } from "@grpc/grpc-js";
import { DrainReason } from "../../gen/sitq/v1/worker_service_pb.js";
import type { Rule } from "../judge/rule.ts";
import { refusal } from "../script/scripted-server.ts";
import { scriptedTask } from "../script/task.ts";

const section = "protocol.md#stopping";

/** How workers and servers stop. */
export const stoppingRules: readonly Rule[] = [
  {
    id: "stop",
    sentence:
      "A worker that stops sends `capacity{0}`, finishes what runs, releases what it has not begun, waits for `settled`, and ends the stream.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      const { stream } = server;
      stream.tasks(scriptedTask("a", "sleep", { seconds: 1.5 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      worker.signal("SIGTERM");
      await trial.until(() => stream.capacity === 0, "capacity{0} came");
      stream.tasks(scriptedTask("b", "echo", {}));
      await trial.until(() => server.outcomesOf("b").length === 1, "the late task has an outcome");
      const late = server.outcomesOf("b")[0]?.outcome.case;
      trial.expect(late === "released", `the outcome of a task that came after capacity{0} is ${late}`);
      await trial.ends(worker, 0);
      trial.expect(server.outcomesOf("a")[0]?.outcome.case === "completed", "the running task is not completed");
      trial.expect(stream.isHalfClosed, "the stream was cut, not ended");
      trial.expect(worker.count("closed") === 1, "it does not print closed");
    },
  },
  {
    id: "stop-grace",
    sentence:
      "What still runs when the grace of a stopping worker is over is cancelled and released; the attempt does not count.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy }, { grace: 1 });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 60 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      worker.signal("SIGTERM");
      await trial.ends(worker, 0);
      trial.expect(worker.hasEnded("a", "cancelled"), "the handler was not cancelled");
      const kinds = server.outcomesOf("a").map(({ outcome }) => outcome.case);
      trial.expect(kinds.join() === "released", `the outcomes are ${kinds.join()}, not released`);
    },
  },
  {
    id: "stop-waits",
    sentence: "A stopping worker ends only when its outcomes are settled, over a broken stream too.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onOutcomes = () => undefined;
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "echo", {}));
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
      worker.signal("SIGTERM");
      await trial.pass(1_000);
      trial.expect(worker.end === null, "it ended before the outcome was settled");
      proxy.cut();
      await trial.until(() => server.outcomes.length === 2, "the outcome was sent again");
      trial.expect(server.stream.hello.capacity === 0, "the new hello has a capacity");
      await trial.pass(500);
      trial.expect(worker.end === null, "it ended before the outcome was settled");
      server.stream.settle(server.outcomesOf("a").slice(1));
      await trial.ends(worker, 0);
    },
  },
  {
    id: "stop-offline",
    sentence: "A worker that has nothing to settle stops though the server is away.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      await proxy.stop();
      await trial.pass(1_000);
      worker.signal("SIGTERM");
      await trial.ends(worker, 0);
    },
  },
  {
    id: "server-stops",
    sentence:
      "After `drain` with `SERVER_STOPPING` the worker finishes its tasks on the stream, and reconnects when the server ends it.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      const { stream } = server;
      stream.tasks(scriptedTask("a", "sleep", { seconds: 1 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      stream.drain(DrainReason.SERVER_STOPPING, 5_000);
      await trial.until(() => stream.outcomes.length === 1, "the task has an outcome on the same stream");
      trial.expect(!stream.isHalfClosed, "the worker ended the stream");
      stream.end(refusal(statusCode.UNAVAILABLE, "DRAINING"));
      await trial.until(() => server.streams.length === 2, "the worker reconnected");
    },
  },
  {
    id: "operator-drains",
    sentence: "After `drain` with `OPERATOR`, or a reason that it does not know, the worker keeps the stream.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play({ heartbeatMs: 1_000 });
      await trial.connectedWorker({ server, proxy });
      const { stream } = server;
      stream.drain(DrainReason.OPERATOR, 500);
      await trial.pass(1_500);
      stream.drain(99 as DrainReason, 500);
      await trial.pass(1_500);
      trial.expect(!stream.isOver && !stream.isHalfClosed, "the worker ended the stream");
      trial.expect(stream.heardMs.length > 0, "the worker sends no heartbeats");
    },
  },
];
