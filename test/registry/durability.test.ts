/** A registration that was answered is on the disk: the server is killed, and comes back with it. */

import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { connect } from "../../src/client/index.ts";
import { startServer as startInProcess } from "../harness/server.ts";
import { freePort, startServer } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

it("has every registration that it answered when it comes back from SIGKILL, and none that was taken back", async () => {
  await using dir = await createTempDir();
  const options = { db: dir.file("sitq.db"), listen: `127.0.0.1:${await freePort()}` };
  await using first = await startServer(options);
  const client = connect({ address: first.address });
  try {
    const names = Array.from({ length: 40 }, (_, index) => `i${String(index).padStart(2, "0")}`);
    const registered = new Set<string>();
    const calls = names.map(async (instanceId, index) => {
      await client.registry.registerInstance({ serviceName: "inventory", instanceId, address: "h:1" });
      registered.add(instanceId);
      if (index % 4 !== 0) return;
      await client.registry.deregisterInstance({ serviceName: "inventory", instanceId });
      registered.delete(instanceId);
    });
    // All of them, and one more that nobody has heard of yet.
    await Promise.all(calls);
    const unanswered = client.registry
      .registerInstance({ serviceName: "inventory", instanceId: "z", address: "h:1" })
      .catch(() => null);
    await first.kill();
    await unanswered;

    await using _second = await startServer(options);
    const { instances } = await client.registry.discoverInstances(
      { serviceName: "inventory", pageSize: 100 },
      { timeoutMs: 20_000 },
    );
    const found = instances.map(({ instanceId }) => instanceId).filter((instanceId) => instanceId !== "z");
    expect(found).toEqual([...registered].sort());
  } finally {
    client.close();
  }
});

it("starts with a registration whose metadata is damaged on the disk, and has it without them", async () => {
  await using dir = await createTempDir();
  const dbPath = dir.file("sitq.db");
  await using first = await startInProcess({ dbPath });
  const registration = { serviceName: "inventory", instanceId: "i", address: "h:1", metadata: { zone: "b" } };
  await first.registry.registerInstance(registration);
  await first.stop();
  const db = new Database(dbPath);
  db.exec("PRAGMA ignore_check_constraints = ON; UPDATE instance SET metadata = '{'");
  db.close();

  await using second = await startInProcess({ dbPath });
  const { instances } = await second.registry.discoverInstances({ serviceName: "inventory" });
  expect(instances).toMatchObject([{ instanceId: "i", address: "h:1", metadata: {} }]);
});
