import { isIP } from "node:net";
import type { Clock } from "../../domain/clock.ts";

/** Finds the IP addresses of a name. It rejects where there are none, or the name server does not answer. */
export type LookUp = (host: string) => Promise<readonly string[]>;

/** What a name resolves to: its first address. `null`: not known yet. */
export type Resolved = { readonly ip: string } | { readonly problem: string } | null;

interface Entry {
  resolved: Resolved;
  endTimer: () => void;
}

/** How long an answer is taken to hold: what `getaddrinfo` answers says nothing of it. In milliseconds. */
const goodMs = 30_000;
/** How soon a name is looked up again that did not resolve. */
const badMs = 5_000;

/** The addresses of host names that are in use, looked up again while they are. Clients of xDS take IP addresses alone. */
export class Addresses {
  readonly #lookUp: LookUp;
  readonly #clock: Pick<Clock, "after">;
  readonly #onChange: () => void;
  readonly #entries = new Map<string, Entry>();

  /** @param onChange called when a name resolves to something else than before */
  constructor(lookUp: LookUp, clock: Pick<Clock, "after">, onChange: () => void) {
    this.#lookUp = lookUp;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** What a host resolves to; it is followed from then on. An address resolves to itself. */
  resolve(host: string): Resolved {
    if (isIP(host) !== 0) return { ip: host };
    const known = this.#entries.get(host);
    if (known !== undefined) return known.resolved;
    const entry: Entry = { resolved: null, endTimer: () => undefined };
    this.#entries.set(host, entry);
    void this.#look(host, entry);
    return null;
  }

  /** Follows the hosts of these names alone. */
  keepOnly(hosts: ReadonlySet<string>): void {
    for (const [host, entry] of this.#entries) {
      if (hosts.has(host)) continue;
      entry.endTimer();
      this.#entries.delete(host);
    }
  }

  async #look(host: string, entry: Entry): Promise<void> {
    const resolved = await this.#lookUp(host).then(
      ([ip]) => (ip === undefined ? { problem: `the name ${host} has no address` } : { ip }),
      () => ({ problem: `the name ${host} does not resolve` }),
    );
    if (this.#entries.get(host) !== entry) return;
    const before = entry.resolved;
    // A name server that is away for a while takes no instance away.
    if ("ip" in resolved || before === null || !("ip" in before)) entry.resolved = resolved;
    entry.endTimer = this.#clock.after("ip" in resolved ? goodMs : badMs, () => void this.#look(host, entry));
    if (JSON.stringify(before) !== JSON.stringify(entry.resolved)) this.#onChange();
  }
}
