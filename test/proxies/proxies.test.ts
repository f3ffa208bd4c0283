import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { CallError, connect, createProducer, createWorker, jsonTask } from "../../src/client/index.ts";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { startServer } from "../harness/server.ts";
import { freePort } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

/** How a proxy is run in the foreground with its configuration of `deploy/`. */
interface Proxy {
  readonly name: string;
  readonly program: string;
  readonly versionFlag: string;
  readonly config: string;
  /** The whole configuration, of what stands in `deploy/`. */
  wrap(config: string, directory: string): string;
  args(configPath: string, directory: string): readonly string[];
}

const proxies: readonly Proxy[] = [
  {
    name: "nginx",
    program: "nginx",
    versionFlag: "-v",
    config: "deploy/nginx.conf",
    wrap: (config, directory) => `daemon off;
      pid ${directory}/pid;
      error_log ${directory}/error.log;
      events {}
      http {
        access_log off;
        client_body_temp_path ${directory}/body;
        proxy_temp_path ${directory}/proxy;
        fastcgi_temp_path ${directory}/fastcgi;
        uwsgi_temp_path ${directory}/uwsgi;
        scgi_temp_path ${directory}/scgi;
        ${config}
      }`,
    args: (configPath, directory) => ["-p", directory, "-c", configPath],
  },
  {
    name: "HAProxy",
    program: "haproxy",
    versionFlag: "-v",
    config: "deploy/haproxy.cfg",
    wrap: (config) => config,
    args: (configPath) => ["-db", "-f", configPath],
  },
];

describe.each(proxies)("through $name with the configuration of deploy/", ({ program, versionFlag, ...proxy }) => {
  const isInstalled = spawnSync(program, [versionFlag]).error === undefined;

  /** Starts a server and the proxy before it. Answers the proxy's address. */
  async function startBehindProxy(): Promise<string> {
    const server = await startServer({
      config: { heartbeatIntervalMs: 500, leaseDurationMs: 5_000 },
      mayLogErrors: true,
    });
    onTestFinished(() => server.stop());
    const dir = await createTempDir();
    onTestFinished(() => dir.remove());
    const port = await freePort();
    const config = (await readFile(proxy.config, "utf8"))
      .replace("127.0.0.1:50051", server.address)
      .replace("127.0.0.1:8443", `127.0.0.1:${port}`)
      // Silence that it would take for a broken stream after a minute, it takes for one after two seconds.
      .replaceAll("60s", "2s");
    await writeFile(dir.file("proxy.conf"), proxy.wrap(config, dir.path));
    const child = spawn(program, proxy.args(dir.file("proxy.conf"), dir.path), { stdio: ["ignore", "ignore", "pipe"] });
    onTestFinished(() => stop(child));
    await listening(child, port);
    return `127.0.0.1:${port}`;
  }

  test.skipIf(!isInstalled)("one work stream takes more than any bound on a body, and outlives silence", async () => {
    const client = connect({ address: await startBehindProxy(), log: "silent" });
    onTestFinished(() => client.close());
    let connections = 0;
    const large = jsonTask<{ n: number }, { text: string }>("large", { queue: "large" });
    const worker = createWorker(client, {
      queues: ["large"],
      handlers: { large: async () => ({ text: "x".repeat(20_000) }) },
      events: { onConnect: () => void connections++ },
    });
    await worker.start();
    onTestFinished(() => worker.stop({ graceMs: 0 }));
    const producer = createProducer(client);
    onTestFinished(() => producer.close());

    const tasks = await Promise.all(Array.from({ length: 150 }, (_, n) => producer.enqueue(large, { n })));
    const results = await Promise.all(tasks.map((task) => producer.awaitResult(task)));
    expect(results.every(({ text }) => text.length === 20_000)).toBe(true);
    // 3 MB have gone through; now only heartbeats do, for longer than the proxy's timeouts.
    const later = await producer.enqueue(large, { n: 0 }, { delayMs: 3_500 });
    expect((await producer.awaitResult(later)).text).toHaveLength(20_000);
    expect(connections).toBe(1);
  });

  test.skipIf(!isInstalled)("each of many large answers that come at once has its status", async () => {
    const channel = createChannel(await startBehindProxy());
    onTestFinished(() => channel.close());
    const queue = createClient(QueueService, channel);
    const value = new Uint8Array(24_000);
    const { task } = await queue.enqueue({
      task: { queue: "q", type: "t", payload: { kind: { case: "binary", value } } },
    });
    const taskId = task?.id ?? "";
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 80 }, () => queue.getTask({ taskId })));
    }
  });

  test.skipIf(!isInstalled)("a refusal keeps its reason, its field and its details", async () => {
    const client = connect({ address: await startBehindProxy(), log: "silent" });
    onTestFinished(() => client.close());
    const refused = client.queue.enqueue({ task: { queue: "bad queue", type: "t" } });
    await expect(refused).rejects.toBeInstanceOf(CallError);
    await expect(refused).rejects.toMatchObject({ reason: "INVALID_FIELD", field: "task.queue" });
  });
});

async function listening(child: ChildProcess, port: number): Promise<void> {
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  for (;;) {
    const socket = connectTcp(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch (cause) {
      if (child.exitCode !== null) throw new Error(`the proxy ended with ${child.exitCode}: ${errors}`, { cause });
      // Its start has no signal of its own: the port is all that there is to ask.
      await sleep(20);
    } finally {
      socket.destroy();
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}
