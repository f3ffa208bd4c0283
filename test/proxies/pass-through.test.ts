import { describe, expect, onTestFinished, test } from "vitest";
import { connect, createProducer, createWorker, handle, jsonTask, type SitqClient } from "../../src/client/index.ts";
import { createTestAuthority, writeTlsFiles } from "../harness/certificates.ts";
import { startServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { proxyPrograms, startProxy } from "./proxy-programs.ts";

const passed = jsonTask<{ n: number }, { n: number }>("passed", { queue: "passed" });

describe.each(proxyPrograms)("where TLS passes through $name, with its configuration of deploy/proxies", (program) => {
  const config = program.passThroughConfig;

  /** Starts a server that wants client certificates, and the proxy before it. Answers clients with and without one. */
  async function startBehindProxy(): Promise<{ certified: SitqClient; uncertified: SitqClient }> {
    const dir = await createTempDir();
    onTestFinished(() => dir.remove());
    const authority = await createTestAuthority();
    const tls = await writeTlsFiles(dir, await authority.server(), authority.certificate);
    const server = await startServer({
      config: {
        heartbeatIntervalMs: 500,
        leaseDurationMs: 5_000,
        tlsCertPath: tls.certPath,
        tlsKeyPath: tls.keyPath,
        tlsClientCaPath: tls.clientCaPath,
        tlsClientAuth: "require",
      },
      mayLogErrors: true,
    });
    onTestFinished(() => server.stop());
    const address = await startProxy(program, config, server.address);
    const ca = authority.certificate;
    const { certificate: cert, key } = await authority.client();
    const certified = connect({ address, tls: { ca, cert, key }, log: "silent" });
    const uncertified = connect({ address, tls: { ca }, log: "silent" });
    onTestFinished(() => {
      certified.close();
      uncertified.close();
    });
    return { certified, uncertified };
  }

  test.skipIf(!program.canRun(config))("the client's certificate reaches the server, and streams last", async () => {
    const { certified, uncertified } = await startBehindProxy();
    let connections = 0;
    const worker = createWorker(certified, {
      queues: ["passed"],
      handlers: [handle(passed, async ({ n }) => ({ n: n + 1 }))],
      events: { onConnect: () => void connections++ },
    });
    await worker.start();
    onTestFinished(() => worker.stop({ graceMs: 0 }));
    const producer = createProducer(certified);
    onTestFinished(() => producer.close());
    // Only heartbeats go for longer than the proxy's timeouts.
    const later = await producer.enqueue(passed, { n: 1 }, { delayMs: 3_500 });
    expect(await producer.awaitResult(later)).toEqual({ n: 2 });
    expect(connections).toBe(1);

    await expect(uncertified.queue.listQueues({}, { timeoutMs: 2_000 })).rejects.toThrow();
  });
});
