import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { SeededRandom } from "../../harness/seeded-random.ts";
import { freePort, type ServerProcess, spawnServer } from "../../harness/server-process.ts";
import type { CrashData } from "./data/crash-data.ts";
import type { ServerFault } from "./data/database-faults.ts";

const args = ["--lease-duration", "5s", "--heartbeat-interval", "500ms", "--log-level", "warn"];
/** Longer than a server counts as alive that does not renew its time, and than the leader needs to end it, in milliseconds. */
const freezeMs = 20_000;
/** Within so many milliseconds it ends by itself when it goes on. */
const longestEndMs = 15_000;

/** The servers of a crash test on one place of data: one, or several. Each has an address that it keeps. */
export class KilledServers {
  /** The one that was spawned last. */
  last = 0;
  private readonly data: CrashData;
  private readonly addresses: readonly string[];
  private readonly servers: ServerProcess[] = [];

  /** Spawns the first ones, one after the other. */
  static async start(data: CrashData, count: number): Promise<KilledServers> {
    const ports = new Set<number>();
    while (ports.size < count) ports.add(await freePort());
    const servers = new KilledServers(
      data,
      [...ports].map((port) => `127.0.0.1:${port}`),
    );
    for (let place = 0; place < count; place++) await servers.spawn(place).started;
    return servers;
  }

  private constructor(data: CrashData, addresses: readonly string[]) {
    this.data = data;
    this.addresses = addresses;
  }

  /** How many there are. */
  get count(): number {
    return this.addresses.length;
  }

  /** All of them, as a target of gRPC. */
  get target(): string {
    return `ipv4:${this.addresses.join()}`;
  }

  /** See KillHarness.from. */
  from(client: number): readonly string[] {
    const first = client % this.count;
    return [...this.addresses.slice(first), ...this.addresses.slice(0, first)];
  }

  /** See KillHarness.started. */
  async started(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.started));
  }

  /** See KillHarness.log. */
  log(): string {
    return this.servers.map(({ log }, place) => `${this.addresses[place]}:\n${log}`).join("\n");
  }

  /** Spawns a server in the place of one that has ended, or that has never been. */
  spawn(place: number): ServerProcess {
    const server = spawnServer({ ...this.data.place, listen: this.addresses[place] ?? "", args });
    this.servers[place] = server;
    this.last = place;
    return server;
  }

  /** Kills a server, which must not have ended before. */
  async kill(place: number): Promise<void> {
    const server = this.at(place);
    expect(await server.kill(), server.log).toEqual({ code: null, signal: "SIGKILL" });
  }

  /**
   * Freezes a server until the others have ended it, and lets it go on: it must end by itself, and nothing that it still does may count. The
   * others go on meanwhile.
   *
   * @param acknowledged how much clients have been answered by now
   * @returns false: none is the leader
   */
  async freeze(fault: ServerFault, random: SeededRandom, acknowledged: () => number): Promise<boolean> {
    const leader = fault === "freeze-leader" ? await this.data.leader() : null;
    const place = leader === null ? random.integer(0, this.count - 1) : this.addresses.indexOf(leader);
    if (fault === "freeze-leader" && leader === null) return false;
    const frozen = this.at(place);
    frozen.signal("SIGSTOP");
    try {
      await pause(freezeMs / 2);
      const before = acknowledged();
      await pause(freezeMs / 2);
      expect(acknowledged(), `nothing was acknowledged while ${this.addresses[place]} stood still`).toBeGreaterThan(
        before,
      );
    } finally {
      frozen.signal("SIGCONT");
    }
    const tooLate = new AbortController();
    const late = pause(longestEndMs, "it went on", { signal: tooLate.signal }).catch(() => "it went on");
    expect(await Promise.race([frozen.exited, late]), frozen.log).toEqual({ code: 1, signal: null });
    tooLate.abort();
    this.spawn(place);
    return true;
  }

  /** Stops all at once, as an operator does, and finds them end well. */
  async stop(): Promise<void> {
    for (const server of this.servers) server.signal("SIGTERM");
    for (const server of this.servers) expect(await server.exited, server.log).toEqual({ code: 0, signal: null });
  }

  /** Kills all of them. */
  async abandon(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
  }

  private at(place: number): ServerProcess {
    return this.servers[place] ?? expect.unreachable(`no server ${place}`);
  }
}
