import { once } from "node:events";
import { expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { openSocket, startRpcHarness } from "./rpc-harness.ts";

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
