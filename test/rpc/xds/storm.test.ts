import { expect, test } from "vitest";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { scrape } from "../../metrics/scrape.ts";
import { countWatchers, endpointsOf, openStream, register } from "./ads-harness.ts";

const inventory = ["inventory"];
const { cluster, assignment, listener } = typeUrls;

/** Resolves once the server has no streams of xDS but so many. Each look is a call: none waits for a time. */
async function untilStreams(server: TestServer, streams: number): Promise<void> {
  while ((await scrape(server)).value("sitq_xds_streams") !== streams);
}

test("streams that begin and are cut by the hundred, again and again, leave nothing and hold up no other", async () => {
  await using server = await startServer({ config: { metrics: "on" } });
  await register(server, "a");
  const calm = openStream(server);
  expect(endpointsOf(await calm.ask({ typeUrl: assignment, resourceNames: inventory }))).toHaveLength(1);
  const names = ["inventory", ...Array.from({ length: 50 }, (_, n) => `service-${n}`)];
  const channels = Array.from({ length: 10 }, () => createChannel(server.address));
  for (let round = 0; round < 4; round++) {
    const streams = channels.flatMap((channel) => Array.from({ length: 50 }, () => openStream({ channel })));
    for (const stream of streams) {
      for (const typeUrl of [listener, cluster, assignment]) stream.send({ typeUrl, resourceNames: names });
    }
    // Some are cut before they have begun, some in the middle, some with all that they have asked for.
    await Promise.all(streams.filter((_, n) => n % 2 === 0).map((stream) => stream.next()));
    await register(server, "b", { weight: round + 1 });
    for (const stream of streams) stream.cancel();
    expect(endpointsOf(await calm.next())).toHaveLength(2);
    await untilStreams(server, 1);
  }
  expect(await countWatchers(server)).toBe(1);
  const { value } = await scrape(server);
  expect(value("sitq_watches")).toBe(1);
  expect(server.log.filter(({ message }) => message.includes("xDS"))).toEqual([]);
  calm.cancel();
  await untilStreams(server, 0);
  expect(await countWatchers(server)).toBe(0);
  for (const channel of channels) channel.close();
});

test("a server with as many watches as it may have says so, and goes on with the others", async () => {
  await using server = await startServer({ config: { maxWatchers: 2 } });
  await register(server, "a");
  const streams = [openStream(server), openStream(server)];
  for (const stream of streams) await stream.ask({ typeUrl: assignment, resourceNames: inventory });
  const third = openStream(server);
  await expect(third.ask({ typeUrl: assignment, resourceNames: inventory })).rejects.toMatchObject({
    code: 8,
    message: expect.stringContaining("The server has 2 watchers, its limit."),
  });
  await register(server, "b");
  for (const stream of streams) expect(endpointsOf(await stream.next())).toHaveLength(2);
});

test("a server that drains ends every stream with the reason, and the retry is taken by the next server", async () => {
  await using server = await startServer();
  await register(server, "a");
  const streams = Array.from({ length: 20 }, () => openStream(server));
  for (const stream of streams) await stream.ask({ typeUrl: assignment, resourceNames: inventory });
  const ends = Promise.all(streams.map((stream) => stream.next().catch((error: unknown) => error)));
  await server.restart();
  for (const end of await ends) expect(end).toMatchObject({ code: 14, message: expect.stringContaining("stopping") });
  const again = openStream(server);
  const known = { versionInfo: "1", responseNonce: "" };
  expect(endpointsOf(await again.ask({ ...known, typeUrl: assignment, resourceNames: inventory }))).toHaveLength(1);
});
