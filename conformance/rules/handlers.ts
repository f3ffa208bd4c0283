import { CancelCode } from "../../gen/sitq/v1/worker_service_pb.js";
import type { Rule } from "../judge/rule.ts";
import { scriptedTask } from "../script/task.ts";

/** How soon a handler is cancelled, in milliseconds. */
const cancelMs = 5_000;

/** What happens to handlers that run. */
export const handlerRules: readonly Rule[] = [
  {
    id: "cancel",
    sentence: "`cancel` cancels the running handler; no outcome is sent, and its place is free when it has returned.",
    section: "protocol.md#stopping",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy }, { capacity: 1 });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 60 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      server.stream.cancel("never-handed-out");
      server.stream.cancel("a", 7);
      await trial.pass(500);
      trial.expect(!worker.hasEnded("a"), "the cancel of another attempt ended the handler");
      server.stream.cancel("a");
      await trial.until(() => worker.hasEnded("a", "cancelled"), "the handler was cancelled", cancelMs);
      server.stream.tasks(scriptedTask("b", "echo", {}));
      await trial.until(() => server.outcomesOf("b").length === 1, "the next task has an outcome");
      trial.expect(server.outcomesOf("a").length === 0, "an outcome came of the cancelled attempt");
    },
  },
  {
    id: "timed-out-attempt",
    sentence: "`cancel` with `ATTEMPT_TIMEOUT` cancels the handler as well.",
    section: "protocol.md#leases",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 60 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      server.stream.cancel("a", 1, CancelCode.ATTEMPT_TIMEOUT);
      await trial.until(() => worker.hasEnded("a", "cancelled"), "the handler was cancelled", cancelMs);
    },
  },
  {
    id: "newer-attempt",
    sentence:
      "A newer attempt of a task means that the older one is lost: its handler is cancelled, and outcomes carry the newer number.",
    section: "protocol.md#leases",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 60 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      server.stream.tasks(scriptedTask("a", "echo", {}, { attempt: 2 }));
      await trial.until(() => worker.hasEnded("a", "cancelled"), "the older handler was cancelled", cancelMs);
      const newer = () => server.outcomesOf("a").filter(({ attempt }) => attempt === 2);
      await trial.until(() => newer().length === 1, "the newer attempt has an outcome");
      trial.expect(newer()[0]?.outcome.case === "completed", "the newer attempt is not completed");
    },
  },
  {
    id: "deaf-handler",
    sentence: "A handler that does not heed its cancellation keeps its place: no more handlers run than `capacity`.",
    section: "protocol.md#a-session",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy }, { capacity: 1 });
      server.stream.tasks(scriptedTask("a", "block", { seconds: 2 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      server.stream.cancel("a");
      server.stream.tasks(scriptedTask("b", "echo", {}));
      await trial.until(() => server.outcomesOf("b").length === 1, "the next task has an outcome");
      trial.expect(worker.mostRunning === 1, `${worker.mostRunning} handlers ran at a time, with a capacity of 1`);
    },
  },
  {
    id: "blocked-process",
    sentence:
      "A process that a handler blocked for two intervals reads what came meanwhile, and does not take the server for dead.",
    section: "protocol.md#reconnecting",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play({ heartbeatMs: 1_000 });
      await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "block", { seconds: 2.6 }));
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
      await trial.pass(1_000);
      trial.expect(server.streams.length === 1, "the worker reconnected");
    },
  },
  {
    id: "suspended-process",
    sentence:
      "A process that was suspended for three intervals reads what came meanwhile, and does not take the server for dead.",
    section: "protocol.md#reconnecting",
    mode: "worker",
    seconds: 7,
    async run(trial) {
      const { server, proxy } = await trial.play({ heartbeatMs: 1_000 });
      const worker = await trial.connectedWorker({ server, proxy });
      await trial.pass(1_000);
      worker.signal("SIGSTOP");
      await trial.pass(3_300);
      worker.signal("SIGCONT");
      server.stream.tasks(scriptedTask("a", "echo", {}));
      await trial.until(() => server.outcomes.length === 1 || server.streams.length > 1, "a task has an outcome");
      await trial.pass(1_000);
      trial.expect(server.streams.length === 1, "the worker reconnected");
    },
  },
  {
    id: "heartbeats-while-blocked",
    sentence: "Heartbeats go on while a handler blocks, where the language has threads.",
    section: "protocol.md#leases",
    mode: "worker",
    seconds: 6,
    async run(trial) {
      const { server, proxy } = await trial.play({ heartbeatMs: 1_000 });
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "block", { seconds: 4 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      const before = server.stream.heardMs.length;
      await trial.pass(3_500);
      const heard = server.stream.heardMs.length - before;
      trial.expect(!worker.hasEnded("a"), "the handler does not block for 4 s");
      trial.expect(heard >= 2, `${heard} messages came in 3.5 s, with an interval of 1 s`);
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
    },
  },
];
