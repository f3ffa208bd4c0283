import { status as statusCode } from "@grpc/grpc-js";
import { freePort } from "../../test/harness/server-process.ts";
import type { Program } from "../judge/program.ts";
import type { Rule } from "../judge/rule.ts";
import type { Trial } from "../judge/trial.ts";
import type { BatchAnswer } from "../script/scripted-queue.ts";
import { refusal, type ScriptedServer, statusOf } from "../script/scripted-server.ts";
import { jsonOf, queueName } from "../script/task.ts";

const section = "errors.md#errors";
const streamSection = "protocol.md#enqueueing-over-a-stream";

/** What producers do. */
export const producerRules: readonly Rule[] = [
  {
    id: "enqueue",
    sentence: "Each task is sent once, with its content and a `request_id` of its own.",
    section: streamSection,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const producer = trial.producer(proxy.address, { count: 50 });
      await allEnqueued(trial, server, producer, 50);
      const sent = server.queue.batches.flatMap(({ requests }) => requests);
      trial.expect(sent.length === 50, `${sent.length} requests came for 50 tasks`);
      const wrong = sent.find(({ task }) => task?.queue !== queueName || task.type !== "echo");
      trial.expect(wrong === undefined, `a task is of ${wrong?.task?.queue} and ${wrong?.task?.type}`);
      const numbers = new Set(sent.map(({ task }) => JSON.stringify(jsonOf(task?.payload))));
      trial.expect(numbers.size === 50, `${numbers.size} different payloads came for 50 tasks`);
      trial.expect(numbers.has('{"n":49}'), "the payload of the last task is not {n: 49}");
    },
  },
  {
    id: "coalescing",
    sentence: "Single enqueues at the same time share requests.",
    section: streamSection,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const producer = trial.producer(proxy.address, { count: 500 });
      await allEnqueued(trial, server, producer, 500);
      const requests = server.queue.batches.length;
      trial.expect(requests <= 100, `500 enqueues at the same time took ${requests} requests`);
    },
  },
  {
    id: "request-id",
    sentence: "A request whose answer is lost is sent again with the same `request_id`s.",
    section: streamSection,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.queue.answer = async ({ number }): Promise<BatchAnswer> => {
        if (number > 2) return "store";
        await trial.pass(300);
        proxy.cut();
        return "store";
      };
      const producer = trial.producer(proxy.address, { count: 20 });
      await allEnqueued(trial, server, producer, 20);
      trial.expect(server.queue.batches.length > 2, "nothing was sent again");
      for (const each of producer.all("enqueued"))
        trial.expect(each.created === true, "a repeat counts as not created");
    },
  },
  {
    id: "retry-info",
    sentence: "`OVERLOADED` is repeated after the delay in RetryInfo, and not earlier.",
    section,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const overloaded = refusal(statusCode.RESOURCE_EXHAUSTED, "OVERLOADED", { retryAfterMs: 1_500 });
      server.queue.answer = ({ number }) => (number === 1 ? statusOf(overloaded) : "store");
      const producer = trial.producer(proxy.address, { count: 1 });
      await allEnqueued(trial, server, producer, 1);
      const [first, second] = server.queue.batches;
      const afterMs = Math.round((second?.heardMs ?? 0) - (first?.heardMs ?? 0));
      trial.expect(afterMs >= 1_490, `it was repeated after ${afterMs} ms; RetryInfo says 1500`);
    },
  },
  {
    id: "draining",
    sentence: "UNAVAILABLE is repeated: a server that is stopping delays an enqueue, and fails none.",
    section,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const draining = refusal(statusCode.UNAVAILABLE, "DRAINING", { retryAfterMs: 200 });
      server.queue.answer = ({ number }) => (number <= 3 ? statusOf(draining) : "store");
      const producer = trial.producer(proxy.address, { count: 5 });
      await allEnqueued(trial, server, producer, 5);
    },
  },
  {
    id: "ended-call",
    sentence: "A call that the server ends with UNAVAILABLE is made again, with what it did not answer.",
    section: streamSection,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const ended = refusal(statusCode.UNAVAILABLE, "DRAINING");
      server.queue.answer = ({ number }) => (number <= 3 ? ended : "store");
      const producer = trial.producer(proxy.address, { count: 5 });
      await allEnqueued(trial, server, producer, 5);
    },
  },
  {
    id: "reason",
    sentence: "A refusal that a repeat cannot change is not repeated; its code, reason and field reach the caller.",
    section,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const invalid = refusal(statusCode.INVALID_ARGUMENT, "INVALID_FIELD", {
        message: "task.priority 5000: at most 1000",
        field: "task.priority",
      });
      server.queue.answer = () => () => statusOf(invalid);
      const producer = trial.producer(proxy.address, { count: 1 });
      await trial.ends(producer, 1);
      const [failed] = producer.all("failed");
      trial.expect(failed?.code === "INVALID_ARGUMENT", `the code is ${failed?.code}`);
      trial.expect(failed?.reason === "INVALID_FIELD", `the reason is ${failed?.reason}`);
      trial.expect(failed?.field?.includes("priority") ?? false, `the field is ${failed?.field}`);
      trial.expect(server.queue.batches.length === 1, `it was sent ${server.queue.batches.length} times`);
    },
  },
  {
    id: "retry-delay",
    sentence:
      "The delay of RetryInfo reaches the caller with the reason when the deadline leaves no time for a repeat.",
    section,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const full = refusal(statusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL", { retryAfterMs: 20_000 });
      server.queue.answer = () => () => statusOf(full);
      const producer = trial.producer(proxy.address, { count: 1, deadline: 2 });
      await trial.ends(producer, 1);
      const [failed] = producer.all("failed");
      trial.expect(failed?.code === "RESOURCE_EXHAUSTED", `the code is ${failed?.code}`);
      trial.expect(failed?.reason === "QUEUE_FULL", `the reason is ${failed?.reason}`);
      trial.expect(failed?.retry_after === 20, `retry_after is ${failed?.retry_after}, not 20`);
    },
  },
  {
    id: "refused-item",
    sentence: "An item of a batch that is refused fails its own enqueue and no other.",
    section: streamSection,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const refused = statusOf(refusal(statusCode.ALREADY_EXISTS, "DUPLICATE_TASK"));
      server.queue.answer = () => (request) =>
        JSON.stringify(jsonOf(request.task?.payload)) === '{"n":3}' ? refused : null;
      const producer = trial.producer(proxy.address, { count: 10 });
      await trial.ends(producer, 1);
      const failed = producer.all("failed");
      trial.expect(failed.length === 1 && failed[0]?.n === 3, `the enqueues of ${failed.map(({ n }) => n)} failed`);
      trial.expect(failed[0]?.reason === "DUPLICATE_TASK", `the reason is ${failed[0]?.reason}`);
      trial.expect(producer.count("enqueued") === 9, `${producer.count("enqueued")} of 9 others are enqueued`);
    },
  },
  {
    id: "late-server-producer",
    sentence: "A server that starts 2 s after the producer gets every task.",
    section,
    mode: "producer",
    async run(trial) {
      const port = await freePort();
      const producer = trial.producer(`127.0.0.1:${port}`, { count: 10 });
      await trial.pass(2_000);
      const server = await trial.playDirectly({ port });
      await allEnqueued(trial, server, producer, 10);
    },
  },
  {
    id: "deadline",
    sentence:
      "With no server there the enqueue fails when its deadline is over, with UNAVAILABLE or DEADLINE_EXCEEDED.",
    section,
    mode: "producer",
    async run(trial) {
      const port = await freePort();
      const producer = trial.producer(`127.0.0.1:${port}`, { count: 1, deadline: 2 });
      await trial.ends(producer, 1, 20_000);
      const code = producer.all("failed")[0]?.code ?? "";
      trial.expect(["UNAVAILABLE", "DEADLINE_EXCEEDED"].includes(code), `the code is ${code}`);
    },
  },
  {
    id: "half-open-producer",
    sentence: "A request over a connection that is dead is sent again, over another one.",
    section: streamSection,
    mode: "producer",
    seconds: 15,
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.queue.answer = ({ number }) => {
        if (number === 1) proxy.freeze();
        return number === 1 ? "silence" : "store";
      };
      const producer = trial.producer(proxy.address, { count: 3 });
      await allEnqueued(trial, server, producer, 3, 35_000);
    },
  },
  {
    id: "goaway-producer",
    sentence: "GOAWAY delays enqueues, and fails none.",
    section: streamSection,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      server.queue.answer = async ({ number }): Promise<BatchAnswer> => {
        if (number > 1) return "store";
        server.goAway(500);
        await trial.pass(1_500);
        return "store";
      };
      const producer = trial.producer(proxy.address, { count: 20 });
      await allEnqueued(trial, server, producer, 20);
    },
  },
];

/** Waits until the producer has enqueued all, and looks that each task is stored once, by its own request id. */
async function allEnqueued(
  trial: Trial,
  server: ScriptedServer,
  producer: Program,
  count: number,
  waitMs = 20_000,
): Promise<void> {
  await trial.ends(producer, 0, waitMs);
  const numbers = new Set(producer.all("enqueued").map(({ n }) => n));
  trial.expect(numbers.size === count, `${numbers.size} of ${count} tasks are printed as enqueued`);
  const sent = server.queue.batches.flatMap(({ requests }) => requests);
  trial.expect(
    sent.every(({ requestId }) => requestId !== ""),
    "a request has no request_id",
  );
  const ids = server.queue.stored.size;
  trial.expect(
    ids === count,
    `${ids} tasks are stored for ${count} enqueues: a request_id was not kept, or used twice`,
  );
}
