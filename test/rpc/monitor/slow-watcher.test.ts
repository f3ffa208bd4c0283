import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { expect, it, onTestFinished } from "vitest";
import { WatchOverviewRequestSchema } from "../../../gen/sitq/v1/monitor_service_pb.js";
import { namesOf, watchOverview } from "../../harness/calls/overview.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { frame, rawCall } from "../rpc-harness.ts";

it("sends a watcher of everything away that does not read, and lets the others see everything", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const session = connect(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const { stream, status: ended } = rawCall(session, "/sitq.v1.MonitorService/WatchOverview");
  stream.end(frame(toBinary(WatchOverviewRequestSchema, create(WatchOverviewRequestSchema))));
  await new Promise((resolve) => stream.once("data", resolve));
  stream.pause();

  const reader = watchOverview(server);
  const bounded = watchOverview(server, { maxQueues: 3 });
  await Promise.all([reader, bounded].map((each) => each.saw(({ snapshot }) => snapshot)));
  const requests = Array.from({ length: 4_000 }, (_, n) => ({ task: { queue: `${n}.`.padEnd(100, "q"), type: "t" } }));
  while (requests.length > 0) await server.queue.enqueueBatch({ requests: requests.splice(0, 1_000) });
  // 1 MiB may wait, on top of what the buffers between the two hold. The rates of a young server change every five seconds.
  for (let updates = 1; updates <= 4; updates++) {
    await bounded.update(clock, 5_000);
    await reader.saw(() => reader.messages.filter(({ snapshot, more }) => !snapshot && !more).length === updates);
  }
  expect(new Set(reader.messages.flatMap(namesOf)).size).toBe(4_000);
  stream.resume();
  expect(await ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: "WATCH_TOO_SLOW" });
  expect(namesOf(await bounded.update(clock, 5_000))).toHaveLength(3);
  for (const each of [reader, bounded]) each.stop();
  await Promise.all([reader.ended, bounded.ended]);
  // After much work the sending rests for a while.
  clock.advance(1_000);
});
