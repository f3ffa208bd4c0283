import type { Credential, Principal } from "../domain/access/principal.ts";
import type { Clock } from "../domain/clock.ts";
import { credentialsExpired } from "../domain/refusals/access.ts";

/** How often the wall clock is compared with the next expiry, at most, in milliseconds: a jump of it sets no timer forward. */
const lookMs = 1_000;

/** How the rights of those who have signed in change. */
export interface RightsChanges {
  /** A principal as it is now. @throws SitqError UNAUTHENTICATED if its credential proves it no longer */
  refreshed(principal: Principal): Principal;
  /** Calls `listener` after every change. */
  onChange(listener: () => void): void;
}

/** A call that goes on only as long as its principal may make it. */
export interface OpenCall {
  /** As it is known to the call. */
  readonly principal: Principal;
  /** Goes on as the same principal with other grants. @throws SitqError ROLE_REQUIRED if none of them allows the call any more */
  changeRights(principal: Principal): void;
  /** Ends the call with an error. It is called once. */
  end(error: unknown): void;
}

/** The calls that are open. It ends each as soon as its principal may not make it any more. One timer waits for the next expiry. */
export class OpenCalls {
  private readonly clock: Clock;
  private readonly changes: RightsChanges | null;
  private readonly calls = new Set<OpenCall>();
  private nextExpiryMs = Number.POSITIVE_INFINITY;
  private callOff: (() => void) | null = null;

  /** @param changes `null`: credentials expire, and nothing else changes */
  constructor(clock: Clock, changes: RightsChanges | null) {
    this.clock = clock;
    this.changes = changes;
    changes?.onChange(() => this.rightsChanged());
  }

  /** Keeps a call that has begun. @returns lets go of it: it has ended */
  add(call: OpenCall): () => void {
    this.calls.add(call);
    const { expireMs } = call.principal.credential;
    if (expireMs !== null && expireMs < this.nextExpiryMs) {
      this.nextExpiryMs = expireMs;
      this.setTimer();
    }
    return () => {
      this.calls.delete(call);
      if (this.calls.size === 0) this.rest();
    };
  }

  /** Looks at every call again, after a change of who may do what. */
  private rightsChanged(): void {
    for (const call of [...this.calls]) {
      try {
        const principal = this.changes?.refreshed(call.principal) ?? call.principal;
        if (principal.grants !== call.principal.grants) call.changeRights(principal);
      } catch (error) {
        this.end(call, error);
      }
    }
  }

  private end(call: OpenCall, error: unknown): void {
    this.calls.delete(call);
    call.end(error);
  }

  private endExpired(): void {
    this.callOff = null;
    const nowMs = this.clock.now();
    if (nowMs >= this.nextExpiryMs) {
      this.nextExpiryMs = Number.POSITIVE_INFINITY;
      for (const call of [...this.calls]) {
        const { credential } = call.principal;
        const { expireMs } = credential;
        if (expireMs === null) continue;
        if (expireMs <= nowMs) this.end(call, credentialsExpired(credentialWords(credential), expireMs));
        else this.nextExpiryMs = Math.min(this.nextExpiryMs, expireMs);
      }
    }
    if (this.calls.size === 0) this.rest();
    else this.setTimer();
  }

  private setTimer(): void {
    this.callOff?.();
    this.callOff = null;
    if (this.nextExpiryMs === Number.POSITIVE_INFINITY) return;
    const delayMs = Math.min(lookMs, Math.max(1, this.nextExpiryMs - this.clock.now()));
    this.callOff = this.clock.after(delayMs, () => this.endExpired());
  }

  private rest(): void {
    this.callOff?.();
    this.callOff = null;
    this.nextExpiryMs = Number.POSITIVE_INFINITY;
  }
}

/** A credential, in words. Of a token or JWT with a certificate beside it, which of the two has ended is not known here. */
function credentialWords({ kind, id, certificate }: Credential): string {
  const words = kind === "token" ? `token ${id}` : kind === "jwt" ? "JWT" : "client certificate";
  return certificate === undefined ? words : `${words} or the client certificate`;
}
