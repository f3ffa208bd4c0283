/** Requests that are never finished, against a server that others use at the same time. */

import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { createClient } from "../../../src/grpc/client/client.ts";
import { startServer } from "../../harness/server-process.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { frame, openChannel, openHttp2, rawCall } from "../../rpc/rpc-harness.ts";
import { startNeighbour } from "./neighbour.ts";

const mib = 1_048_576;
/** A quarter of what is sent: what an address may have unfinished, the first 64 KiB of each call and what is not collected yet. */
const mostGrowth = 200 * mib;

it("holds a bounded part of 200 large requests of one address, and ends each with its reason", async () => {
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const server = await startServer({ db: dir.file("sitq.db"), args: ["--first-message-timeout", "400ms"] });
  const queue = createClient(QueueService, openChannel(server.address));
  const neighbour = await startNeighbour(openChannel(server.address), () =>
    queue.enqueue({ task: { queue: "neighbour", type: "t" } }),
  );
  const before = residentBytes(server.pid);
  const unfinished = frame(Buffer.alloc(4 * mib - 10), { length: 4 * mib });
  const sessions = [openHttp2(server.address, "127.0.0.2"), openHttp2(server.address, "127.0.0.2")];
  const calls = sessions.flatMap((session) =>
    Array.from({ length: 100 }, () => {
      const { stream, status } = rawCall(session, "/sitq.v1.QueueService/Enqueue");
      stream.write(unfinished);
      return { status, closed: new Promise((resolve) => stream.once("close", resolve)) };
    }),
  );
  let most = 0;
  const reasons = new Set<string | null>();
  for (const { status, closed } of calls) {
    reasons.add((await status).reason);
    await neighbour.check();
    most = Math.max(most, residentBytes(server.pid) - before);
    await closed;
  }
  // One that waits is refused if its connection is silent meanwhile.
  for (const reason of reasons) expect(["FIRST_MESSAGE_TIMEOUT", "TOO_MANY_UNFINISHED_BYTES"]).toContain(reason);
  expect(most).toBeLessThan(mostGrowth);
  await neighbour.stop();
  server.signal("SIGTERM");
  expect(await server.exited).toMatchObject({ code: 0 });
});

function residentBytes(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) * 1_024;
}
