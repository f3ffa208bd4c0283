import { once } from "node:events";
import { expect, it } from "vitest";
import { frame, openHttp2, type RawCall, rawCall, startRpcHarness } from "../rpc-harness.ts";

const health = "/grpc.health.v1.Health/Watch";
const reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";

/** Opens a stream, and resolves when it has answered. */
async function open(session: ReturnType<typeof openHttp2>, path: string): Promise<RawCall> {
  const call = rawCall(session, path);
  const answered = once(call.stream, "response");
  call.stream.write(frame(new Uint8Array()));
  if (path === health) call.stream.end();
  await answered;
  return call;
}

it("bounds the streams without credentials of each address; other addresses and checks go on", async () => {
  const harness = await startRpcHarness({ settings: { maxWatchersPerPrincipal: 2 } });
  const [greedy, beside] = [openHttp2(harness.address), openHttp2(harness.address, "127.0.0.2")];
  const first = await open(greedy, health);
  await open(greedy, reflection);
  const refused = {
    codeName: "RESOURCE_EXHAUSTED",
    reason: "TOO_MANY_WATCHERS",
    metadata: { of: "address", max_watchers: "2" },
    retryAfterMs: 1_000,
  };
  for (const path of [health, reflection, reflection.replace("v1", "v1alpha")]) {
    expect(await (await open(greedy, path)).status).toMatchObject(refused);
    await open(openHttp2(harness.address, "127.0.0.2"), path === health ? path : reflection).then(({ stream }) =>
      stream.close(),
    );
  }
  const check = rawCall(greedy, "/grpc.health.v1.Health/Check");
  check.stream.end(frame(new Uint8Array()));
  expect(await check.status).toMatchObject({ codeName: "OK" });
  await open(beside, health);

  // A place is free again when a stream ends.
  first.stream.close();
  const isRefused = async () => {
    const { stream, status } = await open(greedy, health);
    const refusal = await Promise.race([status, once(stream, "data").then(() => null)]);
    return refusal !== null;
  };
  while (await isRefused());
});
