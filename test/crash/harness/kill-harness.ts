import { setTimeout as pause } from "node:timers/promises";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { expect, onTestFailed, onTestFinished } from "vitest";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { createSeededRandom, type SeededRandom } from "../../harness/seeded-random.ts";
import { freePort, type ServerProcess, spawnServer } from "../../harness/server-process.ts";
import { prepareCrashData } from "./data/crash-data.ts";
import { askedDatabaseFaults } from "./data/database-faults.ts";
import type { Acknowledged } from "./offline.ts";
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
  /** See CrashData. */
  readonly storesHandOutsFirst: boolean;
  /** Kills the server, finds what it left sound and holding all of this, and spawns the next one, which does not listen yet. */
  kill(acknowledged: Acknowledged): Promise<void>;
  /**
   * To be called after each kill: hurts the database where SITQ_CRASH_DATABASE_FAULTS asks for it, spread over the kills, while the server
   * listens, and finds that it holds all that was acknowledged before.
   *
   * @param kill how often the server was killed @param kills how often it is going to be
   */
  hurtDatabase(kill: number, kills: number, acknowledged: () => Acknowledged): Promise<void>;
  /** Stops the server as an operator does, and finds it end well. Answers what is wrong with its data. */
  stop(acknowledged: Acknowledged): Promise<string[]>;
}

/** Starts the first server. */
export async function startKillHarness(): Promise<KillHarness> {
  const seed = Number(process.env.SITQ_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32));
  onTestFailed(() => void process.stderr.write(`repeat it with SITQ_CRASH_SEED=${seed}\n`));
  const data = await prepareCrashData();
  const faults = askedDatabaseFaults();
  const address = `127.0.0.1:${await freePort()}`;
  const args = ["--lease-duration", "5s", "--heartbeat-interval", "500ms", "--log-level", "warn"];
  const random = createSeededRandom(seed);
  let server = spawnServer({ ...data.place, listen: address, args });
  onTestFinished(() => server.kill().then(() => undefined));
  await server.started;
  const channel = createChannel(address, {
    options: { "grpc.initial_reconnect_backoff_ms": 50, "grpc.max_reconnect_backoff_ms": 200 },
  });
  onTestFinished(() => channel.close());

  function expectNothing(wrong: readonly string[]): void {
    writeFaults({ left: wrong });
    expect(wrong).toEqual([]);
  }

  return {
    address,
    channel,
    seed,
    storesHandOutsFirst: data.storesHandOutsFirst,
    random,
    get server() {
      return server;
    },
    async kill(acknowledged) {
      expect(await server.kill(), server.log).toEqual({ code: null, signal: "SIGKILL" });
      expectNothing(await data.inspectLeft(acknowledged));
      server = spawnServer({ ...data.place, listen: address, args });
    },
    async hurtDatabase(kill, kills, acknowledged) {
      const from = Math.floor((faults.length * (kill - 1)) / kills);
      for (const fault of faults.slice(from, Math.floor((faults.length * kill) / kills))) {
        await server.started;
        await underLoad(acknowledged);
        await pause(random.next() * 500);
        const before = acknowledged();
        const isHurt = await data.hurt(fault);
        expectNothing(await data.inspectLeft(before));
        if (isHurt) process.stdout.write(`crash test: database fault ${fault}\n`);
      }
    },
    async stop(acknowledged) {
      server.signal("SIGTERM");
      expect(await server.exited, server.log).toEqual({ code: 0, signal: null });
      const wrong = await data.inspectEnd(acknowledged);
      writeFaults({ left: wrong });
      return wrong;
    },
  };
}

/** So many acknowledgements show that clients are there. */
const someAcknowledgements = 10;
const longestLullMs = 10_000;

/** Waits until clients are answered again, after a start; for a while only, since they may have nothing to do. */
async function underLoad(acknowledged: () => Acknowledged): Promise<void> {
  const count = () => {
    const { requestIds, completed, eventIds = [] } = acknowledged();
    return requestIds.length + completed + eventIds.length;
  };
  const wanted = count() + someAcknowledgements;
  const untilMs = performance.now() + longestLullMs;
  while (count() < wanted && performance.now() < untilMs) await pause(10);
}
