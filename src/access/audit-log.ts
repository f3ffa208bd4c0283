import { HourCount } from "../collections/hour-count.ts";
import { peerAddress } from "../domain/access/peer-address.ts";
import type { Credential, Principal } from "../domain/access/principal.ts";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { Retries } from "../domain/retries.ts";
import type { AuditPage, AuditQuery, AuditStore } from "../store/audit-store.ts";
import { AuditWriter } from "./audit-writer.ts";
import { RefusalTally } from "./refusal-tally.ts";

/** A call that is over, as far as the audit log is concerned. */
export interface EndedCall {
  /** Who made it; `null`: the caller was not signed in. */
  readonly principal: Principal | null;
  /** `address:port`. */
  readonly peer: string;
  /** Its path. */
  readonly method: string;
  /** On what: `queue mail`; empty: nothing that has a name. */
  readonly resource: string;
  /** The canonical code of its outcome, as text. */
  readonly code: string;
  /** The reason of its refusal; empty: none. */
  readonly reason: string;
}

/** What an audit log needs. */
export interface AuditLogOptions {
  readonly store: Pick<AuditStore, "appendAudit" | "listAudit">;
  readonly clock: Clock;
  readonly retries: Pick<Retries, "trouble">;
  readonly log: Pick<Log, "error" | "info">;
}

/**
 * Who changed what, and who was refused: entries in the store.
 *
 * A changing call of an operator or admin is answered after its entry is stored. Its effect was stored before, since the entry has its
 * outcome: a crash between the two leaves a call that was not answered and has no entry. Where the entry cannot be stored, the call is
 * answered all the same, and the entry is tried again; see AuditWriter.
 */
export class AuditLog {
  readonly #store: Pick<AuditStore, "listAudit">;
  readonly #clock: Clock;
  readonly #log: Pick<Log, "info">;
  readonly #writer: AuditWriter;
  readonly #tally: RefusalTally;
  #allowedCalls = 0;
  #refusals = 0;
  readonly #refusedLately = new HourCount();

  constructor({ store, clock, retries, log }: AuditLogOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#writer = new AuditWriter({ store, retries, log });
    this.#tally = new RefusalTally({ clock, write: (entry) => void this.#writer.write(entry) });
  }

  /** How many calls were refused for rights within the last hour. */
  get refusedLately(): number {
    return this.#refusedLately.sum(this.#clock.monotonic());
  }

  /** Counts a call that was allowed and is no entry. */
  allowed(): void {
    this.#allowedCalls++;
  }

  /**
   * Takes in a changing call. Resolves when its entry is stored, or cannot be for now.
   *
   * @param count how many items it stored, at least 1
   */
  changed(call: EndedCall, count = 1): Promise<void> {
    const { principal, ...facts } = call;
    return this.#writer.write({ ...facts, ...nameOf(principal), timeMs: this.#clock.now(), count });
  }

  /** Takes in a refusal for rights. Equal ones of one address within a minute are one entry. */
  refused(call: EndedCall): void {
    this.#refusals++;
    this.#refusedLately.add(1, this.#clock.monotonic());
    this.refusedItems(call, 1);
  }

  /** Takes in refusals for rights of so many items of one call, which itself goes on. They are counted as those of calls are. */
  refusedItems({ principal, peer, ...facts }: EndedCall, count: number): void {
    this.#tally.add({ ...facts, ...nameOf(principal), peer: peerAddress(peer), timeMs: this.#clock.now() }, count);
  }

  /** Reads entries, those of all calls among them that have ended before. */
  async list(query: AuditQuery): Promise<AuditPage> {
    await this.#writer.settled();
    return this.#store.listAudit(query);
  }

  /** Stores everything that is counted or waits. The calls must be over, and the store still open. */
  async stop(): Promise<void> {
    this.#tally.stop();
    await this.#writer.stop();
    const facts = { allowed_calls: this.#allowedCalls, refused_calls: this.#refusals };
    if (this.#allowedCalls + this.#refusals > 0) this.#log.info(facts, "calls that were authenticated or refused");
  }
}

function nameOf(principal: Principal | null): { principal: string; credential: string } {
  if (principal === null) return { principal: "", credential: "" };
  return { principal: principal.name, credential: credentialText(principal.credential) };
}

/** A credential as it is shown: `token 4f9a…`, `certificate spiffe://…`, `jwt`; empty: there is none. */
export function credentialText({ kind, id }: Credential): string {
  if (kind === "none") return "";
  return id === "" ? kind : `${kind} ${id}`;
}
