import type { Clock } from "../../domain/clock.ts";
import type { Log } from "../../domain/log.ts";
import { LineBudget } from "../limits/line-budget.ts";
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

/** How many services are remembered, and how many reasons. Those are forgotten that were given the longest ago. */
const mostRemembered = 1_000;
/** How often one reason of one service is logged, in milliseconds. */
const quietMs = 600_000;
/** How many services one line of the log names. */
const mostNamed = 5;

/**
 * Counts what clients of xDS refuse, by service, and logs each reason now and then. A client that never stops refusing, or gives
 * another reason each time, fills neither the log nor the memory.
 */
export class Nacks {
  readonly #clock: Pick<Clock, "now">;
  readonly #log: Pick<Log, "warn">;
  readonly #lines: LineBudget;
  readonly #refused = new Map<string, Refused>();
  /** When a reason of a service was logged, by both. */
  readonly #loggedMs = new Map<string, number>();

  constructor(clock: Pick<Clock, "now" | "monotonic">, log: Pick<Log, "warn">) {
    this.#clock = clock;
    this.#log = log;
    this.#lines = new LineBudget(clock);
  }

  /** Takes one in. */
  add({ type, services, message, node }: Nack, peer: string): void {
    const nowMs = this.#clock.now();
    for (const service of services) {
      const count = (this.#refused.get(service)?.count ?? 0) + 1;
      remember(this.#refused, service, { count, message, lastMs: nowMs });
    }
    // Not only a check: each of them is quiet from now on.
    const fresh = (services.length === 0 ? [""] : services).filter((service) => this.#isFresh(service, message, nowMs));
    if (fresh.length === 0) return;
    const leftOut = this.#lines.take();
    if (leftOut === null) return;
    const more = services.length > mostNamed ? { more: services.length - mostNamed } : null;
    const facts = {
      services: services.slice(0, mostNamed),
      ...more,
      node,
      peer,
      type: typeUrls[type],
      reason: message,
    };
    this.#log.warn({ ...facts, ...leftOut }, "a client of xDS has refused what it was sent, and keeps what it had");
  }

  /** What was refused of a service; `null`: nothing. */
  of(service: string): Refused | null {
    return this.#refused.get(service) ?? null;
  }

  #isFresh(service: string, message: string, nowMs: number): boolean {
    const key = `${service} ${message}`;
    const loggedMs = this.#loggedMs.get(key);
    if (loggedMs !== undefined && nowMs - loggedMs < quietMs) return false;
    remember(this.#loggedMs, key, nowMs);
    return true;
  }
}

/** Sets an entry as the newest of a map, and drops the oldest where there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= mostRemembered) return;
  const [oldest = ""] = map.keys();
  map.delete(oldest);
}
