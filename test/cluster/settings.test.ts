import { readFile } from "node:fs/promises";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { refusalOf } from "../harness/refusal.ts";
import type { TestServer } from "../harness/server.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { clustersForTests } from "./cluster-harness.ts";

/** Looking again every two seconds would take far longer than a test may. */
const rounds = 40;
const timeout = 55_000;

describe.skipIf(isPostgresMissing)("settings of several servers on one database", () => {
  const startCluster = clustersForTests();

  it("lets tasks go at one server when their queue is resumed at another, at once", { timeout }, async () => {
    const [first, second] = (await startCluster(2)) as [TestServer, TestServer];
    const worker = await connectWorker(second);
    const pause = (paused: boolean) =>
      first.queue.updateQueue({
        queue: { name: "orders", paused },
        updateMask: { paths: ["paused"] },
        allowMissing: true,
      });
    for (let round = 0; round < rounds; round++) {
      await pause(true);
      const task = await enqueue(second);
      await worker.heard();
      expect(worker.tasks).toHaveLength(round);
      await pause(false);
      const taken = await worker.take(1);
      expect(taken).toMatchObject([{ id: task.id }]);
      await worker.complete(...taken);
    }
  });

  it("takes a token at one server that another one has made, and refuses it there once it is revoked", {
    timeout,
  }, async () => {
    const dir = await createTempDir();
    const bootstrapTokenFilePath = dir.file("admin.token");
    const [first, second] = (await startCluster(2, { config: { auth: "on", bootstrapTokenFilePath } })) as [
      TestServer,
      TestServer,
    ];
    const withToken = (token: string) => {
      const metadata = new Metadata();
      metadata.set("authorization", `Bearer ${token.trim()}`);
      return { metadata };
    };
    const admin = withToken(await readFile(bootstrapTokenFilePath, "utf8"));
    const grants = [{ role: Role.VIEWER, queues: ["*"] }];
    for (let round = 0; round < rounds / 2; round++) {
      const { token, secret: text } = await first.access.createToken({ principal: `p${round}`, grants }, admin);
      await expectSoon(() => second.queue.listQueues({}, withToken(text)));
      await first.access.revokeToken({ tokenId: token?.tokenId ?? "" }, admin);
      await expectSoon(async () => {
        expect(await refusalOf(second.queue.listQueues({}, withToken(text)))).toMatchObject({
          reason: "CREDENTIALS_REVOKED",
        });
      });
    }
    await dir.remove();
  });
});

/** Tries it until it succeeds. */
async function expectSoon(attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch {
    await new Promise((resolve) => setImmediate(resolve));
    await expectSoon(attempt);
  }
}
