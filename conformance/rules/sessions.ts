import { status as statusCode } from "@grpc/grpc-js";
import type { Rule } from "../judge/rule.ts";
import { refusal } from "../script/scripted-server.ts";
import { jsonOf, queueName, scriptedTask, scriptedTasks } from "../script/task.ts";

const section = "protocol.md#a-session";
const handled = ["block", "echo", "fail", "fail-terminal", "large", "progress", "retry-after", "sleep", "typed"];

/** What happens on one stream: hello, tasks, capacity, outcomes, heartbeats. */
export const sessionRules: readonly Rule[] = [
  {
    id: "hello",
    sentence:
      "The first message is `hello`, with the worker's id, its queues, its types, its capacity and an incarnation.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played, { capacity: 7, workerId: "conformance-1" });
      const { hello } = played.server.stream;
      trial.expect(hello.workerId === "conformance-1", `worker_id is ${hello.workerId}, not conformance-1`);
      trial.expect(hello.queues.join() === queueName, `queues is ${hello.queues}, not ${queueName}`);
      trial.expect(hello.capacity === 7, `capacity is ${hello.capacity}, not 7`);
      trial.expect(hello.held.length === 0, "held names leases on the first connection");
      const types = hello.types.toSorted();
      trial.expect(types.join() === handled.join(), `types is ${types.join()}, not ${handled.join()}`);
    },
  },
  {
    id: "results",
    sentence: "What a handler returns is the result of a `completed` outcome, whole numbers and all.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played);
      const payload = { text: "größe", whole: 7, part: 0.5, none: null, list: [true, 2, "three"], deep: { er: {} } };
      played.server.stream.tasks(scriptedTask("a", "echo", payload), scriptedTask("b", "echo", null));
      await trial.until(() => played.server.outcomes.length === 2, "both tasks have an outcome");
      for (const [id, wanted] of [
        ["a", payload],
        ["b", null],
      ] as const) {
        const [first] = played.server.outcomesOf(id);
        const result = first?.outcome.case === "completed" ? jsonOf(first.outcome.value.result) : undefined;
        const [said, expected] = [inOrder(result), inOrder(wanted)];
        trial.expect(said === expected, `the result of ${id} is ${said}, not ${expected}`);
      }
    },
  },
  {
    id: "more-tasks-than-capacity",
    sentence: "However many tasks come, no more handlers run at a time than `capacity`; every task gets an outcome.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      const worker = await trial.connectedWorker(played, { capacity: 3 });
      played.server.stream.tasks(...scriptedTasks(11, "s", "sleep", { seconds: 0.2 }));
      await trial.until(() => played.server.outcomes.length >= 11, "each of 11 tasks has an outcome");
      trial.expect(worker.mostRunning <= 3, `${worker.mostRunning} handlers ran at a time, with a capacity of 3`);
      const completed = played.server.outcomes.filter(({ outcome }) => outcome.case === "completed");
      trial.expect(completed.length === 11, `${completed.length} of 11 tasks are completed`);
    },
  },
  {
    id: "gathering",
    sentence: "Outcomes that come at about the same time share a message.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played, { capacity: 100 });
      played.server.stream.tasks(...scriptedTasks(100, "e", "echo", {}));
      await trial.until(() => played.server.outcomes.length >= 100, "each of 100 tasks has an outcome");
      const messages = played.server.stream.gathered.length;
      trial.expect(messages <= 50, `100 outcomes of tasks that came together took ${messages} messages`);
    },
  },
  {
    id: "heartbeats",
    sentence:
      "The worker sends a message in every `heartbeat_interval`, and answers each `heartbeat` of the server with one; more are not sent while it is idle.",
    section: "protocol.md#leases",
    mode: "worker",
    seconds: 6,
    async run(trial) {
      const played = await trial.play({ heartbeatMs: 1_000 });
      await trial.connectedWorker(played);
      const { stream } = played.server;
      await trial.pass(1_000);
      stream.fallSilent();
      stream.heartbeat();
      await trial.pass(1_500);
      stream.heartbeat();
      await trial.pass(1_500);
      const gaps = stream.heardMs.slice(1).map((ms, index) => ms - (stream.heardMs[index] ?? 0));
      trial.expect(!stream.isOver, "the stream is over");
      trial.expect(stream.heardMs.length >= 3, `${stream.heardMs.length} messages came in 4 intervals`);
      const longest = Math.round(Math.max(...gaps));
      trial.expect(longest < 2_000, `nothing came for ${longest} ms; the interval is 1000 ms`);
      trial.expect(stream.heardMs.length <= 9, `${stream.heardMs.length} messages came in 4 idle intervals`);
    },
  },
  {
    id: "heartbeats-alone",
    sentence: "The worker sends a heartbeat by itself after an interval without messages.",
    section: "protocol.md#leases",
    mode: "worker",
    async run(trial) {
      const played = await trial.play({ heartbeatMs: 1_000 });
      await trial.connectedWorker(played);
      const { stream } = played.server;
      stream.fallSilent();
      await trial.until(() => stream.heardMs.length > 0, "a heartbeat came within two intervals", 2_000);
    },
  },
  {
    id: "progress",
    sentence: "Progress that a handler reports travels in a `heartbeat`, with the attempt.",
    section,
    mode: "worker",
    async run(trial) {
      const played = await trial.play();
      await trial.connectedWorker(played);
      const { stream } = played.server;
      stream.tasks(scriptedTask("p", "progress", { fraction: 0.5, message: "half", seconds: 1 }));
      await trial.until(() => stream.progress.length > 0, "progress came");
      const [{ taskId = "", attempt = 0, progress = undefined } = {}] = stream.progress;
      const isRight = taskId === "p" && attempt === 1 && progress?.fraction === 0.5 && progress.message === "half";
      trial.expect(isRight, `the progress is of ${taskId}/${attempt}: ${progress?.fraction} ${progress?.message}`);
      await trial.until(() => played.server.outcomes.length === 1, "the task has an outcome");
    },
  },
  {
    id: "refused-hello",
    sentence: "INVALID_ARGUMENT to the first `hello` is final: the worker ends, with the reason.",
    section: "protocol.md#reconnecting",
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.onHello = (stream) =>
        stream.end(refusal(statusCode.INVALID_ARGUMENT, "INVALID_FIELD", { field: "hello.queues" }));
      const worker = trial.worker(proxy.address);
      await trial.ends(worker, 3);
      const reason = worker.all("refused")[0]?.reason;
      trial.expect(reason === "INVALID_FIELD", `it prints the reason ${reason}, not INVALID_FIELD`);
      trial.expect(server.streams.length === 1, `it said hello ${server.streams.length} times`);
    },
  },
];

/** A value with its members in order, as text. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
