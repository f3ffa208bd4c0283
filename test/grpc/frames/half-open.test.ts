/** Connections that stop in the middle of something: each is closed after a time that is set, and no other client notices. */

import type { Client as GrpcClient } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSocket, type RpcHarness, startRpcHarness } from "../../rpc/rpc-harness.ts";
import { openSecureChannel, startTlsHarness } from "../../tls/tls-harness.ts";
import { type Neighbour, startNeighbour } from "./neighbour.ts";
import { callHeaders, flags, frameTypes, openRawPeer, preface, rawFrame } from "./raw-frames.ts";

/**
 * An idle connection would stay for minutes, so what closes these is the ping that they do not answer. The neighbour has to answer
 * its own on a busy machine.
 */
const settings = {
  keepaliveTimeMs: 100,
  keepaliveTimeoutMs: 2_000,
  firstMessageTimeoutMs: 2_000,
  connectionIdleTimeoutMs: 300_000,
};

const began = [preface, rawFrame(frameTypes.settings)];
const call = callHeaders("/grpc.health.v1.Health/Check");
const ping = rawFrame(frameTypes.ping, 0, 0, Buffer.alloc(8));
/** What is sent before the silence. */
const halves: readonly (readonly Buffer[])[] = [
  [],
  [preface.subarray(0, 10)],
  [preface],
  [...began, ping.subarray(0, 5)],
  [...began, ping.subarray(0, 12)],
  // Within a call's headers, and where more of them are announced.
  [...began, rawFrame(frameTypes.headers, flags.endHeaders, 1, call).subarray(0, 40)],
  [...began, rawFrame(frameTypes.headers, 0, 1, call)],
];

/** A client beside the connection. It stays: its own connection answers the pings. */
async function beside(channel: GrpcClient): Promise<Neighbour> {
  const neighbour = await startNeighbour(channel);
  onTestFinished(() => neighbour.stop());
  return neighbour;
}

describe.each(["plaintext", "TLS"])("a connection over %s that falls silent", (transport) => {
  async function start(): Promise<{
    readonly harness: RpcHarness;
    readonly ca?: string;
    readonly neighbour: Neighbour;
  }> {
    if (transport === "plaintext") {
      const harness = await startRpcHarness({ settings });
      return { harness, neighbour: await beside(harness.channel) };
    }
    const harness = await startTlsHarness({ settings, clientAuth: "none" });
    const ca = harness.authority.certificate;
    return { harness, ca, neighbour: await beside(openSecureChannel(harness.address, ca, null)) };
  }

  test("is closed, wherever it stops, and although a byte comes now and then", async () => {
    const { harness, ca, neighbour } = await start();
    const peers = await Promise.all(halves.map(() => openRawPeer(harness.address, { ca })));
    await Promise.all(peers.map((peer, index) => peer.send(...(halves[index] ?? []))));
    const slow = await openRawPeer(harness.address, { ca });
    const endless = rawFrame(frameTypes.headers, 0, 1, Buffer.alloc(16_384));
    await slow.send(...began, endless.subarray(0, 9));
    const trickle = setInterval(() => void slow.send(endless.subarray(9, 10)), 10);
    onTestFinished(() => clearInterval(trickle));

    await Promise.all([slow, ...peers].map((peer) => peer.closed));
    await neighbour.check();
    expect(harness.log).toEqual([]);
  });
});

test("a connection that falls silent before or in its ClientHello is closed", async () => {
  const harness = await startTlsHarness({ settings, clientAuth: "none" });
  const neighbour = await beside(openSecureChannel(harness.address, harness.authority.certificate, null));
  // A record of 512 bytes, of which the first few are there.
  const half = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]);
  const sockets = await Promise.all(
    [Buffer.alloc(0), half].map(async (sent) => {
      const socket = await openSocket(harness.address);
      socket.resume();
      socket.write(sent);
      return socket;
    }),
  );
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  await neighbour.check();
  expect(harness.log).toMatchObject([{ facts: { reason: "ERR_TLS_HANDSHAKE_TIMEOUT" } }]);
});
