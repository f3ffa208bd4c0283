import { setTimeout as pause } from "node:timers/promises";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { expect, onTestFailed, onTestFinished } from "vitest";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { createSeededRandom, type SeededRandom } from "../../harness/seeded-random.ts";
import type { ServerProcess } from "../../harness/server-process.ts";
import { prepareCrashData } from "./data/crash-data.ts";
import { askedFaults, isServerFault } from "./data/database-faults.ts";
import { KilledServers } from "./killed-servers.ts";
import type { Acknowledged } from "./offline.ts";
import { writeFaults } from "./write-faults.ts";

/** Servers in processes of their own that are killed over and over. They are gone at the end of the test. */
export interface KillHarness {
  /** The addresses of all servers, beginning with another one for each client. A server that is killed comes back at its address. */
  from(client: number): readonly string[];
  /** Its calls go to all servers by turns. Reconnects to each, soon. */
  readonly channel: GrpcClient;
  /** What a run is repeated by: SITQ_CRASH_SEED. The moments come again, what falls on them does not. */
  readonly seed: number;
  readonly random: SeededRandom;
  /** See CrashData. */
  readonly storesHandOutsFirst: boolean;
  /** Resolves once all servers listen; rejects if one ends before. */
  started(): Promise<void>;
  /** The end of what each server logged. */
  log(): string;
  /**
   * Kills a server, finds what it left sound and holding all of this, and spawns the next one, which does not listen yet.
   *
   * @param isStarting whether it is the one that was spawned last; otherwise, one of all. Default false
   */
  kill(acknowledged: Acknowledged, isStarting?: boolean): Promise<ServerProcess>;
  /**
   * To be called after each kill: does what SITQ_CRASH_FAULTS asks for, spread over the kills, while the servers listen, and finds that the
   * database holds all that was acknowledged before.
   *
   * @param kill how often a server was killed @param kills how often one is going to be
   */
  hurt(kill: number, kills: number, acknowledged: () => Acknowledged): Promise<void>;
  /** Stops the servers as an operator does, and finds them end well. Answers what is wrong with their data. */
  stop(acknowledged: Acknowledged): Promise<string[]>;
}

/** Starts the first server, or so many on one database as SITQ_CRASH_SERVERS says. */
export async function startKillHarness(): Promise<KillHarness> {
  const seed = Number(process.env.SITQ_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32));
  onTestFailed(() => void process.stderr.write(`repeat it with SITQ_CRASH_SEED=${seed}\n`));
  const data = await prepareCrashData();
  const faults = askedFaults();
  const random = createSeededRandom(seed);
  const servers = await KilledServers.start(data, Number(process.env.SITQ_CRASH_SERVERS ?? 1));
  onTestFinished(() => servers.abandon());
  await servers.started();
  const channel = createChannel(servers.target, {
    options: {
      "grpc.initial_reconnect_backoff_ms": 50,
      "grpc.max_reconnect_backoff_ms": 200,
      "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    },
  });
  onTestFinished(() => channel.close());

  function expectNothing(wrong: readonly string[]): void {
    writeFaults({ left: wrong });
    expect(wrong).toEqual([]);
  }

  return {
    from: (client) => servers.from(client),
    channel,
    seed,
    storesHandOutsFirst: data.storesHandOutsFirst,
    random,
    started: () => servers.started(),
    log: () => servers.log(),
    async kill(acknowledged, isStarting = false) {
      const place = isStarting ? servers.last : random.integer(0, servers.count - 1);
      await servers.kill(place);
      expectNothing(await data.inspectLeft(acknowledged));
      return servers.spawn(place);
    },
    async hurt(kill, kills, acknowledged) {
      const from = Math.floor((faults.length * (kill - 1)) / kills);
      for (const fault of faults.slice(from, Math.floor((faults.length * kill) / kills))) {
        await servers.started();
        await underLoad(acknowledged);
        await pause(random.next() * 500);
        const before = acknowledged();
        const isHurt = isServerFault(fault)
          ? await servers.freeze(fault, random, () => countOf(acknowledged()))
          : await data.hurt(fault);
        expectNothing(await data.inspectLeft(before));
        if (isHurt) process.stdout.write(`crash test: fault ${fault}\n`);
      }
    },
    async stop(acknowledged) {
      await servers.stop();
      const wrong = await data.inspectEnd(acknowledged);
      writeFaults({ left: wrong });
      return wrong;
    },
  };
}

/** So many acknowledgements show that clients are there. */
const someAcknowledgements = 10;
const longestLullMs = 10_000;

function countOf({ requestIds, completed, eventIds = [] }: Acknowledged): number {
  return requestIds.length + completed + eventIds.length;
}

/** Waits until clients are answered again, after a start; for a while only, since they may have nothing to do. */
async function underLoad(acknowledged: () => Acknowledged): Promise<void> {
  const wanted = countOf(acknowledged()) + someAcknowledgements;
  const untilMs = performance.now() + longestLullMs;
  while (countOf(acknowledged()) < wanted && performance.now() < untilMs) await pause(10);
}
