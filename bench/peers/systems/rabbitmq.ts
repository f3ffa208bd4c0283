import { mkdir, realpath, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { freePort } from "../../../test/harness/server-process.ts";
import { clientPackage } from "../client-packages.ts";
import type { Peer } from "../peer.ts";
import { untilListening } from "../processes/ready.ts";

/** What is used of amqplib. */
interface Amqp {
  connect(
    url: string,
    options: { noDelay: boolean },
  ): Promise<{ createChannel(): Promise<Channel>; createConfirmChannel(): Promise<ConfirmChannel> }>;
}

interface Message {
  readonly content: Buffer;
}

interface Channel {
  prefetch(count: number): Promise<unknown>;
  consume(queue: string, take: (message: Message | null) => void): Promise<{ consumerTag: string }>;
  ack(message: Message): void;
  assertQueue(queue: string, options: { durable: boolean; arguments: Record<string, string> }): Promise<unknown>;
  get(queue: string): Promise<Message | false>;
  close(): Promise<void>;
}

interface ConfirmChannel extends Channel {
  sendToQueue(
    queue: string,
    content: Buffer,
    options: { persistent: boolean },
    onConfirm: (error: Error | null) => void,
  ): boolean;
}

const queue = "bench";

/** The script that starts the server. Debian's on the PATH changes to a user of its own; the one behind it does not. */
function scripts(): string[] {
  const folders = process.env.PATH?.split(delimiter) ?? [];
  return ["/usr/lib/rabbitmq/bin", ...folders].map((folder) => join(folder, "rabbitmq-server"));
}

/** The version is in its path: rabbitmqctl, which knows it too, leaves an epmd behind that listens on every address. */
async function installed(): Promise<{ readonly script: string; readonly version: string } | null> {
  for (const script of scripts()) {
    const path = await realpath(script).catch(() => "");
    const version = /rabbitmq_server-([\d.]+)/.exec(path)?.[1];
    if (version !== undefined) return { script, version };
  }
  return null;
}

/** RabbitMQ with a quorum queue on one node. */
export const rabbitmq: Peer = {
  name: "rabbitmq",
  title: "RabbitMQ, quorum queue",
  clientPackage: "amqplib",
  server: "rabbitmq-server",
  howToGet: "Debian's rabbitmq-server",
  durabilities: [{ promise: "fsync before each confirm", setting: "quorum queue, confirms" }],
  note: "Its acknowledgements are not confirmed; the drain is measured to the answer of a call that follows the last one on the same channel.",
  version: async () => (await installed())?.version ?? null,

  async start({ processes, directory }) {
    const { script } = (await installed()) ?? { script: "rabbitmq-server" };
    const [port, epmdPort, distributionPort] = [await freePort(), await freePort(), await freePort()];
    const inside = (name: string) => join(directory, name);
    await mkdir(inside("home"));
    await writeFile(inside("enabled_plugins"), "[].\n");
    const env = {
      // The cookie is made there.
      HOME: inside("home"),
      ERL_EPMD_ADDRESS: "127.0.0.1",
      ERL_EPMD_PORT: String(epmdPort),
      RABBITMQ_NODENAME: "sitq-bench@localhost",
      RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String(distributionPort),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
      RABBITMQ_ENABLED_PLUGINS_FILE: inside("enabled_plugins"),
      RABBITMQ_MNESIA_BASE: inside("data"),
      RABBITMQ_LOG_BASE: inside("log"),
      RABBITMQ_PID_FILE: inside("pid"),
      // The settings of the machine's own server do not count here.
      RABBITMQ_CONF_ENV_FILE: inside("none"),
      RABBITMQ_CONFIG_FILE: inside("none"),
      RABBITMQ_ADVANCED_CONFIG_FILE: inside("none"),
    };
    // Otherwise the server starts one that outlives it.
    const epmd = processes.start("epmd", { env });
    await untilListening(epmd, epmdPort);
    await untilListening(processes.start(script, { env, cwd: directory }), port);
    return `127.0.0.1:${port}`;
  },

  async connect(address) {
    const { connect } = await clientPackage<Amqp>("amqplib");
    const connection = await connect(`amqp://guest:guest@${address}`, { noDelay: true });
    const sender = await connection.createConfirmChannel();
    await sender.assertQueue(queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
    const enqueue = (payload: string) =>
      new Promise<void>((resolve, reject) => {
        sender.sendToQueue(queue, Buffer.from(payload), { persistent: true }, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    return {
      enqueue,
      enqueueBatch: (payloads) => Promise.all(payloads.map(enqueue)),
      async work(concurrency, handle) {
        const channel = await connection.createChannel();
        await channel.prefetch(concurrency);
        await channel.consume(queue, (message) => {
          if (message === null) return;
          handle(message.content.toString("latin1"));
          channel.ack(message);
        });
        return {
          // A get is answered when what the channel sent before is in the queue's log; the first one may still meet acknowledgements
          // that the channel holds back, and lets them go.
          async settled() {
            for (let calls = 0; calls < 2; calls++) {
              if ((await channel.get(queue)) !== false) throw new Error("a task is left in the queue");
            }
          },
          stop: () => channel.close(),
        };
      },
    };
  },
};
