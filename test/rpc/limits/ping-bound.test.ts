import { expect, it, test } from "vitest";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import { startNeighbour } from "../../grpc/frames/neighbour.ts";
import {
  callHeaders,
  errorCodes,
  flags,
  frameTypes,
  openRawPeer,
  preface,
  rawFrame,
  settingEntry,
} from "../../grpc/frames/raw-frames.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startRpcHarness } from "../rpc-harness.ts";

const most = 10;

/** A server on a clock that stands, and a connection whose SETTINGS are one of its pings. */
async function start() {
  const clock = createFakeClock();
  const harness = await startRpcHarness({ settings: { maxIdlePings: most }, clock });
  const peer = await openRawPeer(harness.address);
  await peer.send(preface, rawFrame(frameTypes.settings));
  const pingAll = async (count: number) => {
    for (let n = 0; n < count; n++) await peer.ping();
  };
  return { clock, harness, peer, pingAll };
}

function callOf(method: string, stream: number): Buffer[] {
  return [
    rawFrame(frameTypes.headers, flags.endHeaders, stream, callHeaders(`/${Health.typeName}/${method}`)),
    rawFrame(frameTypes.data, flags.endStream, stream, Buffer.alloc(5)),
  ];
}

it("closes a connection beyond its bound, says so once, and leaves others alone", async () => {
  const { harness, peer, pingAll } = await start();
  const neighbour = await startNeighbour(harness.channel);
  // With a call that is open.
  await peer.send(...callOf("Watch", 1));
  await peer.received(frameTypes.data, 1);
  await pingAll(most);
  await expect(peer.ping()).rejects.toThrow();
  await peer.closed;
  expect(peer.goAway).toBe(errorCodes.enhanceYourCalm);
  await neighbour.check();
  await neighbour.stop();
  expect(harness.log).toEqual([
    { facts: { pings: most, peer: "127.0.0.1" }, message: "closing a connection: it is at max-idle-pings" },
  ]);
});

it("counts SETTINGS as well", async () => {
  const { peer } = await start();
  const settings = rawFrame(frameTypes.settings, 0, 0, settingEntry(3, 100));
  await peer.send(...Array.from({ length: most }, () => settings));
  await peer.closed;
  expect(peer.goAway).toBe(errorCodes.enhanceYourCalm);
});

it("allows the share of a minute that has passed", async () => {
  const { clock, peer, pingAll } = await start();
  await pingAll(most - 1);
  clock.advance(12_000);
  await pingAll(2);
  await expect(peer.ping()).rejects.toThrow();
});

test("a message of the server gives the connection its allowance again", async () => {
  const { peer, pingAll } = await start();
  for (let stream = 1; stream < 10; stream += 2) {
    await pingAll(most - 1);
    await peer.send(...callOf("Check", stream));
    await peer.received(frameTypes.data, stream);
  }
});
