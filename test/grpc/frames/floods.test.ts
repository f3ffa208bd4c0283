/**
 * Floods of frames against a server that others use at the same time: each ends as docs/configuration.md says, the server does not
 * grow, and no call of the others fails.
 */

import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { createClient } from "../../../src/grpc/client/client.ts";
import { createTestAuthority, writeTlsFiles } from "../../harness/certificates.ts";
import { type StartedServer, startServer } from "../../harness/server-process.ts";
import { createTempDir, type TempDir } from "../../harness/temp-dir.ts";
import { boundedFloods, closingFloods, type Flood } from "./floods.ts";
import { frameTypes, openRawPeer, preface, type RawPeer, rawFrame } from "./raw-frames.ts";

/** The most that the server may grow, in bytes: beyond what one connection may hold, --max-session-memory. */
const mostGrowth = 128 * 1_048_576;

describe.each(["plaintext", "TLS"])("over %s", (transport) => {
  let dir: TempDir;
  let server: StartedServer;
  let neighbour: Neighbour;
  let ca: string | undefined;
  let rss: number;

  beforeAll(async () => {
    dir = await createTempDir();
    const args = ["--log-level", "error"];
    if (transport === "TLS") {
      const authority = await createTestAuthority();
      const { certPath, keyPath } = await writeTlsFiles(dir, await authority.server(), authority.certificate);
      args.push("--tls-cert", certPath, "--tls-key", keyPath);
      ca = authority.certificate;
    }
    server = await startServer({ db: dir.file("sitq.db"), args });
    neighbour = await startNeighbour(server.address, ca);
    rss = residentBytes(server.pid);
  });

  afterAll(async () => {
    await neighbour.stop();
    server.signal("SIGTERM");
    const exit = await server.exited;
    await dir.remove();
    expect({ ...exit, log: server.log }).toEqual({ code: 0, signal: null, log: "" });
  });

  /** Sends a flood. Answers the connection, which a ping has gone through after it if it is open. */
  async function send({ opening = [], burst, bursts, reads = true }: Flood): Promise<RawPeer> {
    const peer = await openRawPeer(server.address, { ca, reads });
    await peer.send(preface, rawFrame(frameTypes.settings), ...opening);
    for (let n = 0; n < bursts && (await peer.send(...burst(n))); n++);
    return peer;
  }

  async function expectUnharmed(): Promise<void> {
    await neighbour.call();
    expect(residentBytes(server.pid) - rss).toBeLessThan(mostGrowth);
  }

  it.each(closingFloods)("$name: the connection is closed", async (flood) => {
    const peer = await send(flood);
    await peer.closed;
    expect([null, ...flood.codes]).toContain(peer.goAway);
    await expectUnharmed();
  });

  it.each(boundedFloods)("$name: the connection stays", async (flood) => {
    const peer = await send(flood);
    await peer.ping();
    expect(Object.fromEntries(peer.resets)).toEqual(flood.resets);
    expect(peer.goAway).toBeNull();
    peer.destroy();
    await expectUnharmed();
  });
});

/** A client that calls all the time, beside an open stream. */
interface Neighbour {
  /** Resolves when one more call has begun and succeeded; rejects if any has failed, or the stream has ended. */
  call(): Promise<void>;
  stop(): Promise<void>;
}

async function startNeighbour(address: string, ca: string | undefined): Promise<Neighbour> {
  const channel = createChannel(
    address,
    ca === undefined ? {} : { security: { tls: () => createSecureContext({ ca }) } },
  );
  const queue = createClient(QueueService, channel);
  const ending = new AbortController();
  const watch = createClient(Health, channel).watch({}, { signal: ending.signal })[Symbol.asyncIterator]();
  await watch.next();
  const over = watch.next().then(() => {
    throw new Error("the neighbour's stream ended");
  });
  const call = async () => {
    await queue.enqueue({ task: { queue: "neighbour", type: "t" } });
  };
  const calls = (async () => {
    while (!ending.signal.aborted) await call();
  })();
  // Each test looks at them.
  for (const each of [over, calls]) each.catch(() => undefined);
  return {
    call: () => Promise.race([call(), over, calls]),
    async stop() {
      ending.abort();
      await calls;
      channel.close();
    },
  };
}

function residentBytes(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}
