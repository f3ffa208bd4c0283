/**
 * Floods of frames against a server that others use at the same time: each ends as docs/configuration.md says, the server does not
 * grow, and no call of the others fails.
 */

import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { createClient } from "../../../src/grpc/client/client.ts";
import { createTestAuthority, writeTlsFiles } from "../../harness/certificates.ts";
import { type StartedServer, startServer } from "../../harness/server-process.ts";
import { createTempDir, type TempDir } from "../../harness/temp-dir.ts";
import { boundedFloods, closingFloods, type Flood } from "./floods.ts";
import { type Neighbour, startNeighbour } from "./neighbour.ts";
import { frameTypes, openRawPeer, preface, type RawPeer, rawFrame } from "./raw-frames.ts";

/** The most that the server may grow, in bytes: beyond what one connection may hold, --max-session-memory. */
const mostGrowth = 128 * 1_048_576;

describe.each(["plaintext", "TLS"])("over %s", (transport) => {
  let dir: TempDir;
  let server: StartedServer;
  let channel: GrpcClient;
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
    channel = createChannel(
      server.address,
      ca === undefined ? {} : { security: { tls: () => createSecureContext({ ca }) } },
    );
    const queue = createClient(QueueService, channel);
    neighbour = await startNeighbour(channel, () => queue.enqueue({ task: { queue: "neighbour", type: "t" } }));
    rss = residentBytes(server.pid);
  });

  afterAll(async () => {
    await neighbour.stop();
    channel.close();
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
    await neighbour.check();
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

function residentBytes(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}
