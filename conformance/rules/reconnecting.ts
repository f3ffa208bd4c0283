import { status as statusCode } from "@grpc/grpc-js";
import { OutcomeSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import { freePort } from "../../test/harness/server-process.ts";
import type { Rule } from "../judge/rule.ts";
import { messageText } from "../judge/transcript.ts";
import { refusal } from "../script/scripted-server.ts";
import { scriptedTask, scriptedTasks } from "../script/task.ts";

const section = "protocol.md#reconnecting";
/** The longest pause before the worker reconnects, in milliseconds, and what a busy machine adds. */
const longestPauseMs = 3_000;
const slackMs = 1_500;

/** What happens between streams. */
export const reconnectingRules: readonly Rule[] = [
  {
    id: "cut-before-outcome",
    sentence:
      "A stream that is cut while a handler runs is opened again; `held` names the attempt, and the handler goes on.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 2 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      proxy.cut();
      await trial.until(() => server.streams.length === 2, "the worker reconnected", longestPauseMs + slackMs);
      trial.expect(server.stream.holds({ taskId: "a", attempt: 1 }), "held does not name the running task");
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
      trial.expect(server.outcomes[0]?.outcome.case === "completed", "the outcome is not completed");
      trial.expect(worker.count("started") === 1, "the handler began again");
    },
  },
  {
    id: "cut-during-outcome",
    sentence: "An outcome that is not settled when the stream is cut is named in `held` and sent again, the same.",
    section: "protocol.md#a-session",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onOutcomes = (stream, outcomes) => (stream.number < 3 ? proxy.cut() : stream.settle(outcomes));
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "echo", { n: 1 }));
      await trial.until(() => server.outcomes.length === 3, "the outcome was sent over three streams");
      const held = server.streams.slice(1).every((stream) => stream.holds({ taskId: "a", attempt: 1 }));
      trial.expect(held, "held does not name the attempt");
      const texts = new Set(server.outcomes.map((outcome) => messageText(OutcomeSchema, outcome)));
      trial.expect(texts.size === 1, `the outcomes differ: ${[...texts].join(" and ")}`);
      trial.expect(server.outcomes[0]?.outcome.case === "completed", "the outcome is not completed");
      trial.expect(worker.count("started") === 1, "the handler began again");
    },
  },
  {
    id: "cut-after-outcome",
    sentence: "An outcome that is settled is neither named in `held` nor sent again.",
    section: "protocol.md#a-session",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "echo", {}));
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
      await trial.pass(500);
      proxy.cut();
      await trial.until(() => server.streams.length === 2, "the worker reconnected");
      trial.expect(server.stream.hello.held.length === 0, "held names it");
      await trial.pass(700);
      trial.expect(server.outcomes.length === 1, "it was sent again");
    },
  },
  {
    id: "many-leases",
    sentence:
      "`held` names every attempt that the worker has, however many: those that run, and those whose outcome is not settled.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onOutcomes = (stream, outcomes) => (stream.number === 1 ? undefined : stream.settle(outcomes));
      const worker = await trial.connectedWorker({ server, proxy }, { capacity: 200 });
      server.stream.tasks(...scriptedTasks(100, "s", "sleep", { seconds: 3 }), ...scriptedTasks(100, "e", "echo", {}));
      await trial.until(() => server.outcomes.length >= 100 && worker.running === 100, "100 tasks have an outcome");
      proxy.cut();
      await trial.until(() => server.streams.length === 2, "the worker reconnected");
      const held = new Set(server.stream.hello.held.map(({ taskId }) => taskId));
      trial.expect(held.size === 200, `held names ${held.size} of 200 tasks`);
      await trial.until(() => server.stream.outcomes.length === 200, "every task has an outcome on the new stream");
    },
  },
  {
    id: "lost-lease",
    sentence: "A lease that `welcome` calls lost cancels its handler; later connections do not hold it.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onHello = (stream) => stream.welcome({ lost: [{ taskId: "a", attempt: 1 }] });
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 60 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      proxy.cut();
      await trial.until(() => worker.hasEnded("a", "cancelled"), "the handler was cancelled");
      server.stream.tasks(scriptedTask("b", "echo", {}));
      await trial.until(() => server.outcomesOf("b").length === 1, "the next task has an outcome");
      await trial.pass(300);
      proxy.cut();
      await trial.until(() => server.streams.length === 3, "the worker reconnected");
      trial.expect(!server.stream.holds({ taskId: "a", attempt: 1 }), "held names the lost lease");
    },
  },
  {
    id: "lost-release",
    sentence: "The release of an attempt that `welcome` calls lost is not sent again: its number is used again.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onHello = (stream) => stream.welcome({ lost: [{ taskId: "a", attempt: 1 }] });
      server.onOutcomes = (stream, outcomes) => (stream.number === 1 ? proxy.cut() : stream.settle(outcomes));
      await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "a-type-of-tomorrow", {}));
      await trial.until(() => server.streams.length === 2, "the worker reconnected");
      await trial.pass(1_500);
      trial.expect(server.stream.outcomes.length === 0, "the release was sent again");
    },
  },
  {
    id: "any-end",
    sentence: "Whatever status ends a stream, OK and UNKNOWN too, the worker reconnects.",
    section,
    mode: "worker",
    seconds: 8,
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played);
      const ends = [
        null,
        refusal(statusCode.UNKNOWN, "A_REASON_OF_TOMORROW"),
        refusal(statusCode.ABORTED, "STREAM_REPLACED"),
        refusal(statusCode.DEADLINE_EXCEEDED, "HEARTBEAT_TIMEOUT"),
        refusal(statusCode.INTERNAL, "INTERNAL"),
        refusal(statusCode.CANCELLED, "CANCELLED"),
      ];
      for (const [index, error] of ends.entries()) {
        played.server.stream.end(error);
        const what = `the worker reconnected after ${error?.codeName ?? "OK"}`;
        await trial.until(() => played.server.streams.length === index + 2, what, longestPauseMs + slackMs);
      }
    },
  },
  {
    id: "pauses",
    sentence: "The pauses before reconnects grow, and stay below a few seconds.",
    section,
    mode: "worker",
    seconds: 20,
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onHello = (stream) => stream.end(refusal(statusCode.UNAVAILABLE, "STORE_FAILED"));
      trial.worker(proxy.address);
      await trial.until(() => server.streams.length === 10, "the worker tried 10 times", 45_000);
      const gaps = server.streams
        .slice(1)
        .map(({ openedMs }, index) => openedMs - (server.streams[index]?.openedMs ?? 0));
      const longest = Math.round(Math.max(...gaps));
      trial.expect(longest <= longestPauseMs + slackMs, `a pause took ${longest} ms`);
      const sum = Math.round(gaps.reduce((total, gap) => total + gap, 0));
      trial.expect(sum >= 1_000, `10 tries took ${sum} ms: the pauses do not grow`);
    },
  },
  {
    id: "asked-pause",
    sentence: "The worker reconnects not before the delay of RetryInfo, where the end of the stream has one.",
    section: "errors.md#errors",
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played);
      const endedMs = performance.now();
      played.server.stream.end(
        refusal(statusCode.RESOURCE_EXHAUSTED, "TOO_MANY_IDLE_MESSAGES", { retryAfterMs: 2_000 }),
      );
      await trial.until(() => played.server.streams.length === 2, "the worker reconnected");
      const afterMs = Math.round(played.server.stream.openedMs - endedMs);
      trial.expect(afterMs >= 1_990, `it reconnected after ${afterMs} ms; RetryInfo says 2000`);
    },
  },
  {
    id: "half-open",
    sentence:
      "A connection over which nothing comes for two or three heartbeat intervals is dead, though TCP has not noticed: the worker reconnects.",
    section: "protocol.md#leases",
    mode: "worker",
    seconds: 8,
    async run(trial) {
      const { server, proxy } = await trial.play({ heartbeatMs: 1_000 });
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 1 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      proxy.freeze();
      await trial.until(() => server.streams.length === 2, "the worker reconnected", 3_000 + longestPauseMs + slackMs);
      trial.expect(server.stream.holds({ taskId: "a", attempt: 1 }), "held does not name the task");
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
    },
  },
  {
    id: "late-server",
    sentence:
      "A server that starts 12 s after the worker has it within a few seconds: the channel's own pauses are bounded too.",
    section,
    mode: "worker",
    seconds: 18,
    async run(trial) {
      const port = await freePort();
      trial.worker(`127.0.0.1:${port}`);
      await trial.pass(12_000);
      const server = await trial.playDirectly({ port });
      await trial.until(() => server.streams.length > 0, "the worker connected", longestPauseMs + slackMs);
    },
  },
  {
    id: "silent-welcome",
    sentence: "A server that accepts the stream and never answers `hello` is given up, and asked again.",
    section: "protocol.md#leases",
    mode: "worker",
    seconds: 12,
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onHello = (stream) => (stream.number > 1 ? stream.welcome() : undefined);
      await trial.connectedWorker({ server, proxy });
      await trial.until(() => server.streams.length === 2, "the worker reconnected", 35_000);
    },
  },
  {
    id: "goaway",
    sentence: "After GOAWAY the worker keeps its leases, and goes on over another connection.",
    section,
    mode: "worker",
    seconds: 6,
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 1 }), scriptedTask("b", "sleep", { seconds: 4 }));
      await trial.until(() => worker.hasStarted("b"), "the handlers began");
      server.goAway(2_000);
      await trial.until(() => server.outcomesOf("a").length === 1, "the first task has an outcome");
      await trial.until(() => server.streams.length === 2, "the worker reconnected");
      trial.expect(server.stream.holds({ taskId: "b", attempt: 1 }), "held does not name the running task");
      await trial.until(() => server.outcomesOf("b").length === 1, "the second task has an outcome");
      trial.expect(worker.count("started") === 2, "a handler began again");
    },
  },
  {
    id: "worker-replaced",
    sentence: "`WORKER_REPLACED` is final: the worker cancels its handlers and ends.",
    section: "protocol.md#two-processes-with-one-id",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const worker = await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 60 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      server.stream.end(refusal(statusCode.ABORTED, "WORKER_REPLACED"));
      await trial.ends(worker, 3);
      trial.expect(worker.hasEnded("a", "cancelled"), "the handler was not cancelled");
      const reason = worker.all("refused")[0]?.reason;
      trial.expect(reason === "WORKER_REPLACED", `it prints the reason ${reason}`);
      trial.expect(server.streams.length === 1, "it reconnected");
    },
  },
];
