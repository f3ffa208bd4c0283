import { status as statusCode } from "@grpc/grpc-js";
import { DrainReason } from "../../gen/sitq/v1/worker_service_pb.js";
import type { Proxy as TcpProxy } from "../../test/harness/proxy.ts";
import { freePort } from "../../test/harness/server-process.ts";
import { Broken, type Rule } from "../judge/rule.ts";
import type { Trial } from "../judge/trial.ts";
import type { BatchAnswer } from "../script/scripted-queue.ts";
import { refusal, type ScriptedServer, statusOf } from "../script/scripted-server.ts";
import { scriptedTask } from "../script/task.ts";

const section = "protocol.md#several-servers";
/** How long a client has to go on at another address, in milliseconds: less than the pauses that servers ask for. */
const atOnceMs = 1_000;
/**
 * How long a worker has for the first connection that it makes beside another one, in milliseconds. The server that it leaves stays for
 * a minute, and the task that it runs ends later: who waits for either does not move in this time.
 */
const besideMs = 4_000;
/** How long the task takes that a worker runs while it moves, in seconds. */
const meanwhileSeconds = 6;
/** After so many seconds a server that failed may work again. */
const someSeconds = 3;

/** What a client does with the addresses of several servers. */
export const severalServersRules: readonly Rule[] = [
  {
    id: "moves-when-cut",
    sentence:
      "A worker whose server is gone goes on at another address at once: `held` names what it runs and what is not settled, which is sent again.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxies, addresses } = await playTwo(trial);
      server.onOutcomes = (stream, outcomes) => (stream.number === 1 ? undefined : stream.settle(outcomes));
      const worker = trial.worker(addresses);
      await trial.hello(server);
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 2 }), scriptedTask("b", "echo", {}));
      await trial.until(() => worker.hasStarted("a") && server.outcomes.length === 1, "one task has an outcome");
      const other = otherThan(used(proxies), proxies);
      await used(proxies).stop();
      await movedTo(trial, server, other, 2);
      for (const taskId of ["a", "b"])
        trial.expect(server.stream.holds({ taskId, attempt: 1 }), `held does not name ${taskId}`);
      await trial.until(() => server.stream.outcomes.length === 2, "both tasks have an outcome over the new stream");
      trial.expect(worker.count("started") === 2, "a handler began again");
    },
  },
  {
    id: "moves-when-drained",
    sentence:
      "After `drain` with `SERVER_STOPPING` a worker with several addresses goes on at another one at once, and reports there what it runs.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxies, addresses } = await playTwo(trial);
      const worker = trial.worker(addresses);
      await trial.hello(server);
      const { stream } = server;
      stream.tasks(scriptedTask("a", "sleep", { seconds: meanwhileSeconds }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      const other = otherThan(used(proxies), proxies);
      stream.drain(DrainReason.SERVER_STOPPING, 60_000);
      await movedTo(trial, server, other, 2, besideMs);
      trial.expect(server.stream.holds({ taskId: "a", attempt: 1 }), "held does not name the running task");
      await trial.until(() => stream.isOver, "the worker ended the stream of the server that stops");
      await trial.until(() => server.stream.outcomes.length === 1, "the task has an outcome over the new stream");
      trial.expect(server.stream.outcomes[0]?.outcome.case === "completed", "the outcome is not completed");
      trial.expect(worker.count("started") === 1, "the handler began again");
    },
  },
  {
    id: "moves-to-one-that-failed",
    sentence: "After `drain` with `SERVER_STOPPING` it also goes to a server that could not be used some seconds ago.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, addresses } = await playTwo(trial);
      server.onHello = (stream) => {
        if (stream.number === 1) stream.end(refusal(statusCode.UNAVAILABLE, "STORE_UNREACHABLE"));
        else stream.welcome();
      };
      const worker = trial.worker(addresses);
      await trial.hello(server);
      await trial.until(() => server.streams.length === 2, "the worker said hello to another server");
      const { stream } = server;
      stream.tasks(scriptedTask("a", "sleep", { seconds: meanwhileSeconds + someSeconds }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      await trial.pass(someSeconds * 1_000);
      stream.drain(DrainReason.SERVER_STOPPING, 60_000);
      await trial.until(() => server.streams.length === 3, "the worker said hello to the first server", besideMs);
      trial.expect(server.stream.holds({ taskId: "a", attempt: 1 }), "held does not name the running task");
    },
  },
  {
    id: "stays-when-all-drain",
    sentence:
      "A worker does not go from one server that stops to the next without end: at the last one it finishes its tasks.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, addresses } = await playTwo(trial);
      server.onHello = (stream) => {
        stream.welcome();
        stream.tasks(scriptedTask(stream.number === 1 ? "a" : "b", "sleep", { seconds: 2 }));
        if (stream.number > 1) stream.drain(DrainReason.SERVER_STOPPING, 60_000);
      };
      const worker = trial.worker(addresses);
      await trial.hello(server);
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      server.stream.drain(DrainReason.SERVER_STOPPING, 60_000);
      await trial.until(() => server.streams.length > 1, "the worker said hello to another server");
      await trial.until(
        () => server.outcomesOf("a").length * server.outcomesOf("b").length > 0,
        "both tasks are settled",
      );
      trial.expect(server.streams.length === 2, `the worker opened ${server.streams.length} streams, not 2`);
    },
  },
  {
    id: "stays-when-operator-drains",
    sentence: "After `drain` with `OPERATOR` a worker with several addresses keeps the stream.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, addresses } = await playTwo(trial);
      const worker = trial.worker(addresses);
      await trial.hello(server);
      server.stream.tasks(scriptedTask("a", "sleep", { seconds: 1 }));
      await trial.until(() => worker.hasStarted("a"), "the handler began");
      server.stream.drain(DrainReason.OPERATOR, 500);
      await trial.until(() => server.outcomes.length === 1, "the task has an outcome");
      trial.expect(server.streams.length === 1 && !server.stream.isOver, "the worker ended the stream");
    },
  },
  {
    id: "first-address-dead",
    sentence: "A worker connects to the server that it can reach, wherever that one stands among the addresses.",
    section,
    mode: "worker",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const dead = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`);
      trial.worker([...dead, proxy.address].join());
      await trial.hello(server);
    },
  },
  {
    id: "producer-moves-when-cut",
    sentence:
      "A request whose server is gone before its answer is sent to another address, with the same `request_id`s.",
    section,
    mode: "producer",
    async run(trial) {
      const { server, proxies, addresses } = await playTwo(trial);
      server.queue.answer = async ({ number }): Promise<BatchAnswer> => {
        if (number === 1) await used(proxies).stop();
        return "store";
      };
      const producer = trial.producer(addresses, { count: 20 });
      await trial.ends(producer, 0);
      trial.expect(server.queue.stored.size === 20, `${server.queue.stored.size} tasks are stored, not 20`);
      trial.expect(server.queue.batches.length > 1, "nothing was sent again");
    },
  },
  {
    id: "producer-moves-when-drained",
    sentence:
      "A request that a stopping server refuses with `DRAINING` is sent to another address at once, whatever its RetryInfo.",
    section,
    mode: "producer",
    async run(trial) {
      const { server, proxies, addresses } = await playTwo(trial);
      const draining = refusal(statusCode.UNAVAILABLE, "DRAINING", { retryAfterMs: 5_000 });
      const refusing: { proxy: TcpProxy | null } = { proxy: null };
      server.queue.answer = () => {
        refusing.proxy ??= used(proxies);
        return otherThan(refusing.proxy, proxies).connections > 0 ? "store" : statusOf(draining);
      };
      const producer = trial.producer(addresses, { count: 5 });
      await trial.ends(producer, 0);
      const [first] = server.queue.batches;
      const afterMs = Math.round((server.queue.batches.at(-1)?.heardMs ?? 0) - (first?.heardMs ?? 0));
      trial.expect(afterMs < atOnceMs, `it was sent again after ${afterMs} ms`);
    },
  },
  {
    id: "producer-first-address-dead",
    sentence: "A producer enqueues at the server that it can reach, wherever that one stands among the addresses.",
    section,
    mode: "producer",
    async run(trial) {
      const { server, proxy } = await trial.play();
      const dead = `127.0.0.1:${await freePort()}`;
      for (const addresses of [`${dead},${proxy.address}`, `${proxy.address},${dead}`]) {
        const producer = trial.producer(addresses, { count: 5, deadline: 5 });
        await trial.ends(producer, 0);
      }
      trial.expect(server.queue.stored.size === 10, `${server.queue.stored.size} tasks are stored, not 10`);
    },
  },
];

/** A scripted server behind two proxies, which are two servers that share their data to a client. */
interface PlayedTwice {
  readonly server: ScriptedServer;
  readonly proxies: readonly TcpProxy[];
  /** What a client is given. */
  readonly addresses: string;
}

async function playTwo(trial: Trial): Promise<PlayedTwice> {
  const { server, proxy } = await trial.play();
  const proxies = [proxy, await trial.proxy(server.address)];
  return { server, proxies, addresses: proxies.map(({ address }) => address).join() };
}

/** The proxy over which the client is connected. */
function used(proxies: readonly TcpProxy[]): TcpProxy {
  const [found, ...others] = proxies.filter(({ connections }) => connections > 0);
  if (found === undefined || others.length > 0) throw new Broken("the client is not connected to one server alone");
  return found;
}

function otherThan(proxy: TcpProxy, proxies: readonly TcpProxy[]): TcpProxy {
  const other = proxies.find((each) => each !== proxy);
  if (other === undefined) throw new Error("there is no other proxy");
  return other;
}

/** Waits until the worker has said hello over another proxy. */
async function movedTo(
  trial: Trial,
  server: ScriptedServer,
  proxy: TcpProxy,
  streams: number,
  waitMs = atOnceMs,
): Promise<void> {
  await trial.until(() => server.streams.length === streams, "the worker said hello to another server", waitMs);
  trial.expect(proxy.connections > 0, "the worker is not at the other address");
}
