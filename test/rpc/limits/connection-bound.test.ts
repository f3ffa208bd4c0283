import { once } from "node:events";
import { expect, it } from "vitest";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import { openSocket, startRpcHarness } from "../rpc-harness.ts";

it("closes connections beyond its bound at once, says so once, and serves those that it has", async () => {
  const harness = await startRpcHarness({ settings: { maxConnections: 3 } });
  await harness.client(Health).check({});
  const held = [await openSocket(harness.address), await openSocket(harness.address)];
  for (let n = 0; n < 4; n++) {
    const refused = await openSocket(harness.address);
    refused.resume();
    await once(refused, "close");
  }
  await harness.logged(1);
  expect(harness.log).toHaveLength(1);
  expect(harness.log[0]?.message).toBe("refusing connections: the server is at max-connections");
  expect(harness.log[0]?.facts).toMatchObject({ connections: 3 });
  expect(await harness.client(Health).check({})).toMatchObject({ status: expect.any(Number) });
  for (const socket of held) expect(socket.closed).toBe(false);
});

it("closes connections of one address beyond its bound, says so once, and takes those of others", async () => {
  const harness = await startRpcHarness({ settings: { maxConnectionsPerAddress: 2 } });
  const health = harness.client(Health);
  await health.check({});
  const [greedy, other] = ["127.0.0.2", "127.0.0.3"];
  const held = [await openSocket(harness.address, greedy), await openSocket(harness.address, greedy)];
  for (let n = 0; n < 4; n++) {
    const refused = await openSocket(harness.address, greedy);
    refused.resume();
    await once(refused, "close");
    await health.check({});
  }
  expect(harness.log).toEqual([
    {
      facts: { connections: 2, address: greedy },
      message: "refusing connections: an address is at max-connections-per-address",
    },
  ]);
  expect(await isServed(harness.address, other)).toBe(true);

  // A place is free again when a connection ends.
  const [first, second] = held;
  expect(second?.closed).toBe(false);
  first?.destroy();
  while (!(await isServed(harness.address, greedy)));
});

/** Whether the server begins HTTP/2 on a fresh connection. */
async function isServed(address: string, localAddress: string): Promise<boolean> {
  const socket = await openSocket(address, localAddress);
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  const served = await Promise.race([once(socket, "data").then(() => true), once(socket, "close").then(() => false)]);
  socket.destroy();
  return served;
}
