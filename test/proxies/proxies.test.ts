import { createSecureContext } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { CallError, connect, createProducer, createWorker, jsonTask, type SitqClient } from "../../src/client/index.ts";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { createTestAuthority, writeTlsFiles } from "../harness/certificates.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { proxyPrograms, startProxy } from "./proxy-programs.ts";

describe.each(proxyPrograms)("where TLS ends at $name, with its configuration of deploy/proxies", (program) => {
  const { config } = program;
  const canRun = program.canRun(config);

  /** Starts a server and the proxy before it. */
  async function startBehindProxy() {
    const server = await startServer({
      config: { heartbeatIntervalMs: 500, leaseDurationMs: 5_000 },
      mayLogErrors: true,
    });
    onTestFinished(() => server.stop());
    const dir = await createTempDir();
    onTestFinished(() => dir.remove());
    const authority = await createTestAuthority();
    const tls = await writeTlsFiles(dir, await authority.server(), authority.certificate);
    const address = await startProxy(program, config, server.address, tls);
    return { address, ca: authority.certificate };
  }

  async function connectBehindProxy(): Promise<SitqClient> {
    const { address, ca } = await startBehindProxy();
    const client = connect({ address, tls: { ca }, log: "silent" });
    onTestFinished(() => client.close());
    return client;
  }

  test.skipIf(!canRun)("one work stream takes more than any bound on a body, and outlives silence", async () => {
    const client = await connectBehindProxy();
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

  test.skipIf(!canRun)("each of many large answers that come at once has its status", async () => {
    const { address, ca } = await startBehindProxy();
    const channel = createChannel(address, { security: { tls: () => createSecureContext({ ca }) } });
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

  test.skipIf(!canRun)("a refusal keeps its reason, its field and its details", async () => {
    const client = await connectBehindProxy();
    const refused = client.queue.enqueue({ task: { queue: "bad queue", type: "t" } });
    await expect(refused).rejects.toBeInstanceOf(CallError);
    await expect(refused).rejects.toMatchObject({ reason: "INVALID_FIELD", field: "task.queue" });
  });
});
