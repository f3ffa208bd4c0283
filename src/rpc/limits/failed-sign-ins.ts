import { onAbort } from "../../async/signals.ts";
import { TokenBucket } from "../../collections/token-bucket.ts";
import type { Clock } from "../../domain/clock.ts";
import { SitqError } from "../../domain/errors.ts";
import { tooManyFailedSignIns } from "../../domain/refusals/access.ts";
import { clientNetwork } from "./client-network.ts";
import { quietReport, type Reporting } from "./quiet-report.ts";

/** How long a slow answer waits, in milliseconds, and how many wait at a time: of one address, and of all. */
const slowMs = 1_000;
const mostSlow = 10;
const mostSlowOfAll = 1_000;
/** How long an address is refused, in milliseconds. */
const refusalMs = 60_000;
/** How many signatures are verified in a minute for an address that is refused. */
const signaturesPerMinute = 600;
/** How many addresses are remembered: those with the latest failures. */
const mostAddresses = 10_000;

/** What is known of an address. */
interface Failures {
  /** How many more are answered. */
  readonly allowance: TokenBucket;
  readonly signatures: TokenBucket;
  /** By the monotonic clock; past: it is not refused. */
  refusedUntilMs: number;
  slow: number;
}

/** What it needs. */
export interface FailedSignInsOptions extends Reporting {
  readonly clock: Pick<Clock, "after" | "monotonic">;
  /** How many of one address are answered in a minute. */
  readonly most: number;
}

/**
 * Bounds what invalid credentials cost, for each client address:
 *
 * ```
 *   answered at once ──half of the allowance──▶ answered slowly ──all of it──▶ refused
 *          ▲                                                                     │
 *          └──────────────────────────────── a minute ───────────────────────────┘
 * ```
 *
 * Valid credentials are taken in every state, since other clients may share the address: behind a NAT, or a proxy. So guessing is not
 * what it hinders (a token has 256 bits of chance); it spares the audit log, the answers, and the signatures of JWTs. A token costs a
 * hash and a certificate a look-up, which is little beside the call itself, so they are always looked at. So is a JWT that was
 * verified before; another one takes the verification of a signature, of which a refused address has ten a second.
 */
export class FailedSignIns {
  readonly #clock: Pick<Clock, "after" | "monotonic">;
  readonly #most: number;
  readonly #report: ReturnType<typeof quietReport>;
  /** The address with the latest failure is the last. */
  readonly #addresses = new Map<string, Failures>();
  #slow = 0;

  constructor({ clock, log, most }: FailedSignInsOptions) {
    this.#clock = clock;
    this.#most = most;
    this.#report = quietReport({ clock, log });
  }

  /** Lets a signature be verified. @throws SitqError TOO_MANY_FAILED_SIGN_INS */
  beforeSignature(address: string): void {
    const failures = this.#addresses.get(clientNetwork(address));
    if (failures === undefined || this.#refusedMs(failures) <= 0) return;
    if (!failures.signatures.take()) throw tooManyFailedSignIns(slowMs);
  }

  /**
   * Takes in a sign-in that failed.
   *
   * @param error why; only INVALID_CREDENTIALS counts: who shows others had valid ones once, or shows none
   * @param signal aborted when the caller does not wait any more
   * @returns what the caller is answered, when it is time to
   */
  async answerTo(error: unknown, address: string, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof SitqError) || error.reason !== "INVALID_CREDENTIALS") return error;
    const network = clientNetwork(address);
    const failures = this.#failuresOf(network);
    const leftMs = this.#refusedMs(failures);
    if (leftMs > 0) return tooManyFailedSignIns(leftMs);
    if (!failures.allowance.take()) {
      failures.refusedUntilMs = this.#clock.monotonic() + refusalMs;
      const facts = { failed_sign_ins: this.#most, address: network };
      this.#report(facts, "refusing invalid credentials: an address is at max-failed-sign-ins");
      return tooManyFailedSignIns(refusalMs);
    }
    if (failures.allowance.left >= this.#most / 2) return error;
    if (failures.slow >= mostSlow || this.#slow >= mostSlowOfAll) return tooManyFailedSignIns(slowMs);
    await this.#wait(failures, signal);
    return error;
  }

  async #wait(failures: Failures, signal: AbortSignal): Promise<void> {
    failures.slow++;
    this.#slow++;
    const { promise, resolve } = Promise.withResolvers<void>();
    const callOff = this.#clock.after(slowMs, resolve);
    const release = onAbort(signal, resolve);
    await promise;
    release();
    callOff();
    failures.slow--;
    this.#slow--;
  }

  /** How long an address is refused yet. */
  #refusedMs({ refusedUntilMs }: Failures): number {
    return refusedUntilMs - this.#clock.monotonic();
  }

  #failuresOf(network: string): Failures {
    const failures = this.#addresses.get(network) ?? {
      allowance: new TokenBucket(this.#clock, this.#most),
      signatures: new TokenBucket(this.#clock, signaturesPerMinute),
      refusedUntilMs: Number.NEGATIVE_INFINITY,
      slow: 0,
    };
    this.#addresses.delete(network);
    this.#addresses.set(network, failures);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > mostAddresses && oldest !== undefined) this.#addresses.delete(oldest);
    return failures;
  }
}
