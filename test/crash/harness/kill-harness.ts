import type { Client as GrpcClient } from "@grpc/grpc-js";
import { expect, onTestFailed, onTestFinished } from "vitest";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { createSeededRandom, type SeededRandom } from "../../harness/seeded-random.ts";
import { freePort, type ServerProcess, spawnServer } from "../../harness/server-process.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import { type Acknowledged, inspect, inspectCopy } from "./offline.ts";
import { writeFaults } from "./write-faults.ts";

/** A server in a process of its own that is killed over and over. It is gone at the end of the test. */
export interface KillHarness {
  /** The same for each server. */
  readonly address: string;
  /** Reconnects to each server, soon. */
  readonly channel: GrpcClient;
  /** What a run is repeated by: SITQ_CRASH_SEED. The moments come again, what falls on them does not. */
  readonly seed: number;
  readonly random: SeededRandom;
  /** The server as it is now. */
  readonly server: ServerProcess;
  /** Kills the server, finds what it left sound and holding all of this, and spawns the next one, which does not listen yet. */
  kill(acknowledged: Acknowledged): Promise<void>;
  /** Stops the server as an operator does, and finds it end well. Answers what is wrong with its file. */
  stop(acknowledged: Acknowledged): Promise<string[]>;
}

/** Starts the first server. */
export async function startKillHarness(): Promise<KillHarness> {
  const seed = Number(process.env.SITQ_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32));
  onTestFailed(() => void process.stderr.write(`repeat it with SITQ_CRASH_SEED=${seed}\n`));
  const dir = await createTempDir();
  onTestFinished(() => dir.remove());
  const db = dir.file("sitq.db");
  const address = `127.0.0.1:${await freePort()}`;
  const args = ["--lease-duration", "5s", "--heartbeat-interval", "500ms", "--log-level", "warn"];
  let server = spawnServer({ db, listen: address, args });
  let kills = 0;
  onTestFinished(() => server.kill().then(() => undefined));
  await server.started;
  const channel = createChannel(address, {
    options: { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 200 },
  });
  onTestFinished(() => channel.close());

  return {
    address,
    channel,
    seed,
    random: createSeededRandom(seed),
    get server() {
      return server;
    },
    async kill(acknowledged) {
      expect(await server.kill(), server.log).toEqual({ code: null, signal: "SIGKILL" });
      const wrong = await inspectCopy(db, dir.file(`after-${kills++}.db`), acknowledged);
      writeFaults({ left: wrong });
      expect(wrong).toEqual([]);
      server = spawnServer({ db, listen: address, args });
    },
    async stop(acknowledged) {
      server.signal("SIGTERM");
      expect(await server.exited, server.log).toEqual({ code: 0, signal: null });
      const wrong = inspect(db, acknowledged);
      writeFaults({ left: wrong });
      return wrong;
    },
  };
}
