import type { Clock } from "../../domain/clock.ts";
import type { Log } from "../../domain/log.ts";
import type { Nack } from "./ads-session.ts";
import { typeUrls } from "./resources.ts";

/** What clients have refused of a service. */
export interface Refused {
  /** How often since the server's start. */
  readonly count: number;
  /** The reason that a client gave last. */
  readonly message: string;
  readonly lastMs: number;
}

/** How many services are remembered. */
const mostServices = 1_000;
/** How often one reason of one service is logged, in milliseconds. */
const quietMs = 600_000;

/** Counts what clients of xDS refuse, by service, and logs each reason now and then. */
export class Nacks {
  readonly #clock: Pick<Clock, "now">;
  readonly #log: Pick<Log, "warn">;
  readonly #refused = new Map<string, Refused>();

  constructor(clock: Pick<Clock, "now">, log: Pick<Log, "warn">) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Takes one in. */
  add({ type, services, message, node }: Nack, peer: string): void {
    const lastMs = this.#clock.now();
    for (const service of services) {
      const before = this.#refused.get(service);
      if (before === undefined && this.#refused.size >= mostServices) continue;
      this.#refused.set(service, { count: (before?.count ?? 0) + 1, message, lastMs });
      if (before?.message === message && lastMs - before.lastMs < quietMs) continue;
      const facts = { service, node, peer, type: typeUrls[type], reason: message };
      this.#log.warn(facts, "a client of xDS has refused what it was sent, and keeps what it had");
    }
  }

  /** What was refused of a service; `null`: nothing. */
  of(service: string): Refused | null {
    return this.#refused.get(service) ?? null;
  }
}
