import type { Token } from "../domain/access/stored-principal.ts";
import type { Clock } from "../domain/clock.ts";
import type { AccessStore } from "../store/access-store.ts";

/** How often the time of a token's use is stored, in milliseconds. */
const useIntervalMs = 60_000;

/** Stores when tokens are used, aside and not at each use. */
export class TokenUses {
  private readonly store: Pick<AccessStore, "setTokenUses">;
  private readonly clock: Pick<Clock, "now">;
  /** What is not stored yet, by token. */
  private readonly uses = new Map<string, number>();
  private isStoring = false;

  /** Nothing was used. */
  constructor(store: Pick<AccessStore, "setTokenUses">, clock: Pick<Clock, "now">) {
    this.store = store;
    this.clock = clock;
  }

  /** A token is used now. @returns it with the time of its use, where that is stored */
  note(token: Token): Token {
    const nowMs = this.clock.now();
    if (token.lastUseMs !== null && nowMs - token.lastUseMs < useIntervalMs) return token;
    this.uses.set(token.id, nowMs);
    if (!this.isStoring) void this.storeAll();
    return { ...token, lastUseMs: nowMs };
  }

  /** Stores what is noted until nothing is; what cannot be stored is stored with the next use. */
  private async storeAll(): Promise<void> {
    this.isStoring = true;
    while (this.uses.size > 0) {
      const uses = [...this.uses].map(([id, lastUseMs]) => ({ id, lastUseMs }));
      this.uses.clear();
      try {
        await this.store.setTokenUses(uses);
      } catch {
        for (const { id, lastUseMs } of uses) if (!this.uses.has(id)) this.uses.set(id, lastUseMs);
        break;
      }
    }
    this.isStoring = false;
  }
}
