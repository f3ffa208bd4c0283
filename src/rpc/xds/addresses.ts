import { isIP } from "node:net";
import type { Clock } from "../../domain/clock.ts";
import { callableIp } from "./callable-ip.ts";

/** Finds the IP addresses of a name. It rejects where there are none, or the name server does not answer. */
export type LookUp = (host: string) => Promise<readonly string[]>;

/** What a host resolves to. `null`: not known yet. */
export type Resolved = { readonly ip: string } | { readonly problem: string } | null;

interface Entry {
  resolved: Resolved;
  /** How often it has not resolved since it did. */
  failures: number;
  endTimer: () => void;
}

/** How long an answer is taken to hold: what `getaddrinfo` answers says nothing of it. In milliseconds. */
const goodMs = 30_000;
/** How soon a name is looked up again that did not resolve; twice as long each time. */
const badMs = 5_000;
const longestBadMs = 300_000;
/** How long clients wait for the first answer for a name. */
const patienceMs = 2_000;
/** How many names are looked up at a time. Each holds one of the process's four threads for files and names, for as long as the name server does not answer. */
const mostLookUps = 2;

/**
 * The addresses of host names that are in use, looked up again while they are. Clients of xDS take IP addresses alone. A name that has many
 * keeps the one that it had as long as it has it: name servers send them in another order each time.
 */
export class Addresses {
  readonly #lookUp: LookUp;
  readonly #clock: Pick<Clock, "after">;
  readonly #onChange: () => void;
  readonly #entries = new Map<string, Entry>();
  /** The names that wait to be looked up, new ones first: many that do not resolve hold up no other for long. */
  readonly #new = new Set<string>();
  readonly #again = new Set<string>();
  #lookUps = 0;

  /** @param onChange called when a name resolves to something else than before */
  constructor(lookUp: LookUp, clock: Pick<Clock, "after">, onChange: () => void) {
    this.#lookUp = lookUp;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** What a host resolves to; a name is followed from then on. An address resolves to itself in its shortest form. */
  resolve(host: string): Resolved {
    if (isIP(host) !== 0) return callableIp(host);
    const known = this.#entries.get(host);
    if (known !== undefined) return known.resolved;
    const entry: Entry = { resolved: null, failures: 0, endTimer: () => undefined };
    entry.endTimer = this.#clock.after(patienceMs, () => {
      this.#set(entry, { problem: `the name ${host} is not looked up yet: the name server is slow` });
    });
    this.#entries.set(host, entry);
    this.#new.add(host);
    this.#go();
    return null;
  }

  /** Follows the hosts of these names alone. */
  keepOnly(hosts: ReadonlySet<string>): void {
    for (const [host, entry] of this.#entries) {
      if (hosts.has(host)) continue;
      entry.endTimer();
      this.#entries.delete(host);
      this.#new.delete(host);
      this.#again.delete(host);
    }
  }

  #go(): void {
    while (this.#lookUps < mostLookUps) {
      const [host] = this.#new.size > 0 ? this.#new : this.#again;
      if (host === undefined) return;
      this.#new.delete(host);
      this.#again.delete(host);
      this.#lookUps++;
      void this.#look(host).finally(() => {
        this.#lookUps--;
        this.#go();
      });
    }
  }

  async #look(host: string): Promise<void> {
    const entry = this.#entries.get(host);
    if (entry === undefined) return;
    const found = await this.#lookUp(host).then(
      (ips) => choose(host, ips, entry.resolved),
      () => ({ problem: `the name ${host} does not resolve` }),
    );
    if (this.#entries.get(host) !== entry) return;
    entry.endTimer();
    entry.failures = "ip" in found ? 0 : entry.failures + 1;
    const againMs = "ip" in found ? goodMs : Math.min(badMs * 2 ** (entry.failures - 1), longestBadMs);
    entry.endTimer = this.#clock.after(againMs, () => {
      this.#again.add(host);
      this.#go();
    });
    // A name server that is away for a while takes no instance away.
    const isKept = "problem" in found && entry.resolved !== null && "ip" in entry.resolved;
    if (!isKept) this.#set(entry, found);
  }

  #set(entry: Entry, resolved: Resolved): void {
    const isSame = JSON.stringify(entry.resolved) === JSON.stringify(resolved);
    entry.resolved = resolved;
    if (!isSame) this.#onChange();
  }
}

function choose(host: string, found: readonly string[], before: Resolved): Exclude<Resolved, null> {
  const all = found.map(callableIp);
  const usable = all.flatMap((each) => ("ip" in each ? [each] : []));
  const same = usable.find(({ ip }) => before !== null && "ip" in before && before.ip === ip);
  return same ?? usable[0] ?? all[0] ?? { problem: `the name ${host} has no address` };
}
