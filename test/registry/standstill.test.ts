/** A server that stands still takes no instance for dead that went on with its heartbeats. */

import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { connect, createRegistration, InstanceState, watchInstances } from "../../src/client/index.ts";
import { startServer } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

// A ttl of 1 s: the shorter pause ends soon after it, the longer one several of them later.
it.each([1_200, 3_400])("keeps an instance healthy that goes on after %i ms", async (pauseMs) => {
  await using dir = await createTempDir();
  await using server = await startServer({ db: dir.file("sitq.db") });
  const client = connect({ address: server.address });
  const identity = { service: "inventory", instanceId: "a", address: "h:1" };
  const registration = createRegistration(client, { ...identity, ttlMs: 1_000 });
  const states: InstanceState[] = [];
  try {
    await registration.start();
    const seen = Promise.withResolvers<void>();
    const watch = watchInstances(client, {
      onChange(instances) {
        states.push(...instances.map(({ state }) => state));
        seen.resolve();
      },
    });
    await seen.promise;

    server.signal("SIGSTOP");
    await pause(pauseMs);
    server.signal("SIGCONT");
    // It is back when it answers; what it has to say of the instance is said soon after.
    await client.registry.discoverInstances({});
    await pause(300);
    expect((await client.registry.discoverInstances({})).instances).toMatchObject([{ instanceId: "a" }]);
    watch.close();
    expect(states).not.toContain(InstanceState.UNHEALTHY);
  } finally {
    await registration.stop();
    client.close();
  }
});
