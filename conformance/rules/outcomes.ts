import { create } from "@bufbuild/protobuf";
import { durationMs, ValueSchema } from "@bufbuild/protobuf/wkt";
import { status as statusCode } from "@grpc/grpc-js";
import { PayloadSchema } from "../../gen/sitq/v1/payload_pb.js";
import { type Outcome, type Outcome_Failed, SettleStatus } from "../../gen/sitq/v1/worker_service_pb.js";
import { limits } from "../../src/contract/limits.ts";
import type { Rule } from "../judge/rule.ts";
import type { Trial } from "../judge/trial.ts";
import { refusal, statusOf } from "../script/scripted-server.ts";
import { scriptedTask, scriptedTasks } from "../script/task.ts";

const section = "protocol.md#a-session";
/** What an error's stack may hold, in bytes. */
const mostStack = 16_384;

/** What outcomes say, and what becomes of them when the server answers. */
export const outcomeRules: readonly Rule[] = [
  {
    id: "failures",
    sentence:
      "A handler that fails makes a `failed` outcome with type, message and a bounded stack; it can fail for good, or choose the delay before the next attempt.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played, { capacity: 3 });
      const tasks = [
        scriptedTask("fails", "fail", { message: "no stock" }),
        scriptedTask("terminal", "fail-terminal", { message: "no such article" }),
        scriptedTask("later", "retry-after", { seconds: 7 }),
      ];
      played.server.stream.tasks(...tasks);
      await trial.until(() => played.server.outcomes.length === 3, "each of 3 tasks has an outcome");
      const [fails, terminal, later] = tasks.map(({ id }) => failed(trial, id, played.server.outcomesOf(id)));
      const messages = `${fails?.error?.message} / ${terminal?.error?.message}`;
      trial.expect(/no stock.* \/ .*no such article/s.test(messages), `the messages are ${messages}`);
      trial.expect(fails?.error?.type !== "", "the error has no type");
      const stack = fails?.error?.stackTrace.length ?? 0;
      trial.expect(stack > 0 && stack <= mostStack, `the stack has ${stack} characters`);
      trial.expect(fails?.terminal === false && later?.terminal === false, "an ordinary failure is terminal");
      trial.expect(terminal?.terminal === true, "a failure for good is not terminal");
      trial.expect(fails?.retryDelay === undefined, "an ordinary failure has a retry_delay");
      const delay = later?.retryDelay === undefined ? null : durationMs(later.retryDelay);
      trial.expect(delay === 7_000, `retry_delay is ${delay} ms, not 7000`);
    },
  },
  {
    id: "payload-mismatch",
    sentence:
      "A payload that the handler's type cannot decode fails the task for good, and the message names the field.",
    section: "protocol.md#payloads",
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      const worker = await trial.connectedWorker(played);
      const { stream } = played.server;
      stream.tasks(scriptedTask("count", "typed", { name: "lamp", count: "many" }));
      stream.tasks(scriptedTask("name", "typed", { count: 2 }));
      const bytes = create(PayloadSchema, { kind: { case: "binary", value: new Uint8Array([1, 2, 3]) } });
      stream.tasks(scriptedTask("bytes", "typed", null, { payload: bytes }));
      await trial.until(() => played.server.outcomes.length === 3, "each of 3 tasks has an outcome");
      const { terminal: isFinal } = failed(trial, "bytes", played.server.outcomesOf("bytes"));
      trial.expect(isFinal, "the failure of a payload of bytes is not terminal");
      for (const field of ["count", "name"]) {
        const { terminal, error } = failed(trial, field, played.server.outcomesOf(field));
        trial.expect(terminal, "the failure is not terminal");
        trial.expect(error?.message.includes(field) ?? false, `the message names no ${field}: ${error?.message}`);
        trial.expect(!worker.hasStarted(field), "the handler was called");
      }
      stream.tasks(scriptedTask("fits", "typed", { name: "lamp", count: 2 }));
      await trial.until(() => played.server.outcomes.length === 4, "a payload that fits has an outcome");
      trial.expect(played.server.outcomes[3]?.outcome.case === "completed", "a payload that fits is not completed");
    },
  },
  {
    id: "no-handler",
    sentence: "A task of a type that has no handler is released with the reason `NO_HANDLER`.",
    section: "protocol.md#types-and-releases",
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played);
      played.server.stream.tasks(scriptedTask("a", "a-type-of-tomorrow", {}));
      await trial.until(() => played.server.outcomes.length === 1, "the task has an outcome");
      const [{ outcome } = { outcome: { case: undefined } }] = played.server.outcomes;
      const reason = outcome.case === "released" ? outcome.value.reason : null;
      trial.expect(reason === "NO_HANDLER", `the outcome is ${outcome.case} with the reason ${reason}`);
    },
  },
  {
    id: "large-results",
    sentence: "Outcomes are split by bytes: results that fit alone and not together travel in several messages.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played, { capacity: 6 });
      played.server.stream.tasks(...scriptedTasks(6, "l", "large", { bytes: 1_000_000 }));
      await trial.until(() => played.server.outcomes.length >= 6, "each of 6 tasks has an outcome");
      const completed = played.server.outcomes.filter(({ outcome }) => outcome.case === "completed");
      trial.expect(completed.length === 6, `${completed.length} of 6 results of 1 MB are completed`);
      trial.expect(played.server.streams.length === 1, "the stream broke");
    },
  },
  {
    id: "oversized-result",
    sentence:
      "A result that fits into no message becomes a `failed`, `terminal` outcome; the stream and other tasks go on.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played);
      const { stream } = played.server;
      stream.tasks(scriptedTask("a", "large", { bytes: 5_000_000 }));
      await trial.until(() => played.server.outcomes.length === 1, "the task has an outcome");
      const { terminal, error } = failed(trial, "a", played.server.outcomesOf("a"));
      trial.expect(terminal, "the failure is not terminal");
      trial.expect((error?.message ?? "") !== "", "the failure has no message");
      stream.tasks(scriptedTask("b", "echo", {}));
      await trial.until(() => played.server.outcomes.length === 2, "the next task has an outcome");
      trial.expect(played.server.streams.length === 1, "the stream broke");
    },
  },
  {
    id: "deep-result",
    sentence: "A result that is nested deeper than the server takes becomes a `failed`, `terminal` outcome.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played);
      let nested = create(ValueSchema, { kind: { case: "numberValue", value: 1 } });
      for (let level = 0; level < limits.jsonDepth + 2; level++) {
        nested = create(ValueSchema, { kind: { case: "listValue", value: { values: [nested] } } });
      }
      const payload = create(PayloadSchema, { kind: { case: "json", value: nested } });
      played.server.stream.tasks(scriptedTask("a", "echo", null, { payload }));
      await trial.until(() => played.server.outcomes.length === 1, "the task has an outcome");
      trial.expect(failed(trial, "a", played.server.outcomesOf("a")).terminal, "the failure is not terminal");
    },
  },
  {
    id: "message-too-large",
    sentence:
      "After `MESSAGE_TOO_LARGE` the worker does not repeat the message: what exceeds `max_bytes` becomes a `failed`, `terminal` outcome.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const metadata = { max_bytes: "1000000" };
      const isLarge = ({ outcome }: Outcome) => outcome.case === "completed";
      server.onOutcomes = (stream, outcomes) => {
        if (!outcomes.some(isLarge)) stream.settle(outcomes);
        else stream.end(refusal(statusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", { metadata }));
      };
      await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "large", { bytes: 2_000_000 }));
      await trial.until(() => server.outcomes.some(({ outcome }) => outcome.case === "failed"), "a failure came");
      const last = server.outcomesOf("a").at(-1);
      trial.expect(failed(trial, "a", last ? [last] : []).terminal, "the failure is not terminal");
      const repeats = server.outcomes.filter(isLarge).length - 1;
      trial.expect(repeats === 0, `the message was repeated ${repeats} times`);
    },
  },
  {
    id: "duplicate-task",
    sentence: "An attempt that is handed out twice runs once.",
    section: "protocol.md#leases",
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      const worker = await trial.connectedWorker(played);
      const task = scriptedTask("a", "sleep", { seconds: 0.7 });
      played.server.stream.tasks(task);
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      played.server.stream.tasks(task);
      await trial.until(() => played.server.outcomes.length > 0, "the task has an outcome");
      await trial.pass(1_000);
      trial.expect(worker.count("started") === 1, `the handler began ${worker.count("started")} times`);
      trial.expect(played.server.outcomes.length === 1, `${played.server.outcomes.length} outcomes came`);
    },
  },
  {
    id: "duplicate-settlement",
    sentence: "`settled` for an outcome that is settled already, or that was never sent, changes nothing.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onOutcomes = (stream, outcomes) => {
        stream.settle(outcomes);
        stream.settle(outcomes);
        stream.settle([{ taskId: "never-handed-out", attempt: 3 }]);
      };
      await trial.connectedWorker({ server, proxy });
      for (const round of [1, 2, 3]) {
        server.stream.tasks(...scriptedTasks(5, `r${round}`, "echo", {}));
        await trial.until(() => server.outcomes.length === round * 5, `round ${round} has outcomes`);
      }
      trial.expect(server.streams.length === 1, "the stream broke");
    },
  },
  {
    id: "stale-settlement",
    sentence:
      "`STALE`, `NOT_FOUND`, `ALREADY_SETTLED` and a status that it does not know make the worker drop an outcome: it is neither sent again nor held.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const statuses = [SettleStatus.STALE, SettleStatus.NOT_FOUND, SettleStatus.ALREADY_SETTLED, 99 as SettleStatus];
      server.onOutcomes = (stream, outcomes) => {
        for (const outcome of outcomes) stream.settle([outcome], statuses[Number(outcome.taskId.slice(2)) - 1]);
      };
      const worker = await trial.connectedWorker({ server, proxy }, { capacity: 4 });
      server.stream.tasks(...scriptedTasks(4, "s", "echo", {}));
      await trial.until(() => server.outcomes.length === 4 && worker.count("ended") === 4, "4 tasks have an outcome");
      await trial.pass(500);
      proxy.cut();
      await trial.until(() => server.streams.length === 2, "the worker reconnected");
      await trial.pass(1_000);
      trial.expect(server.stream.hello.held.length === 0, "hello names them in held");
      trial.expect(server.stream.outcomes.length === 0, "they were sent again");
    },
  },
  {
    id: "rejected-outcome",
    sentence: "After `REJECTED` the worker sends another outcome, `failed`, and does not repeat itself without end.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const error = statusOf(
        refusal(statusCode.INVALID_ARGUMENT, "PAYLOAD_TOO_LARGE", { message: "the result is over 1 MiB" }),
      );
      server.onOutcomes = (stream, outcomes) => stream.settle(outcomes, SettleStatus.REJECTED, error);
      await trial.connectedWorker({ server, proxy });
      server.stream.tasks(scriptedTask("a", "echo", {}));
      await trial.until(() => server.outcomes.length >= 2, "another outcome came");
      failed(trial, "a", server.outcomes.slice(1, 2));
      await trial.pass(1_000);
      trial.expect(server.outcomes.length <= 3, `${server.outcomes.length} outcomes were sent, and all rejected`);
    },
  },
];

/** The failure that the only outcome says. @throws Broken if it says something else */
function failed(trial: Trial, taskId: string, outcomes: readonly Outcome[]): Outcome_Failed {
  const [first] = outcomes;
  trial.expect(outcomes.length === 1, `${outcomes.length} outcomes of ${taskId} came`);
  trial.expect(first?.outcome.case === "failed", `the outcome of ${taskId} is ${first?.outcome.case}, not failed`);
  return first?.outcome.value as Outcome_Failed;
}
