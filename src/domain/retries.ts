import type { Clock } from "./clock.ts";
import { SitqError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Random } from "./random.ts";
import { backoffMs, type RetryPolicy } from "./retry.ts";
import { createService, type Service } from "./service.ts";

/**
 * Tries background work again that failed, by itself: such work has no caller who would ask for it anew, and a full disk that
 * has room again says nothing.
 *
 * The pauses begin at a second and grow to half a minute. Each kind of work logs one line when it begins to fail, however many
 * tries fail of it, and one when all of it goes on.
 *
 * A stop calls off all pauses.
 */
export interface Retries extends Service {
  /**
   * Does the work, again and again until it succeeds, and answers its result. Rejects with the last failure once there is no
   * going on: after a stop, or when the store has failed for good.
   *
   * @param what the kind of work, for the log
   */
  untilDone<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** For work that is tried again by more than its own pauses. One for each piece of it. */
  trouble(what: string): Trouble;
}

/** The trouble that one piece of work has, or has not. */
export interface Trouble {
  /**
   * The work failed: calls `again` after a pause, unless a pause is under way already.
   *
   * @returns false if there is no going on
   */
  failed(error: unknown, again: () => void): boolean;
  /** The work succeeded: calls off the pause, and the next one is short again. */
  succeeded(): void;
  /** The work is of no use any more. */
  end(): void;
}

/** What retries need. */
export interface RetriesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const pauses: RetryPolicy = { initialBackoffMs: 1_000, maxBackoffMs: 30_000, multiplier: 2, jitter: 0.2 };

/** A kind of work that fails. */
interface Outage {
  readonly beganMs: number;
  readonly members: Set<Trouble>;
  tries: number;
}

/** Creates retries; nothing has failed yet. */
export function createRetries({ clock, random, log }: RetriesOptions): Retries {
  const outages = new Map<string, Outage>();
  /** Called at a stop, for those who wait. */
  const giveUps = new Set<() => void>();
  let stopped = false;

  function countFailure(what: string, member: Trouble, error: unknown): void {
    const outage = outages.get(what) ?? { beganMs: clock.monotonic(), members: new Set(), tries: 0 };
    if (outage.tries === 0) log.error({ error }, `${what}: failed, and is tried again until it succeeds`);
    outage.tries++;
    outage.members.add(member);
    outages.set(what, outage);
  }

  function trouble(what: string): Trouble {
    let failures = 0;
    let callOff: (() => void) | null = null;

    /** Answers the outage if this was the last that it troubled. */
    function leave(): Outage | null {
      failures = 0;
      callOff?.();
      callOff = null;
      const outage = outages.get(what);
      if (outage?.members.delete(own) !== true || outage.members.size > 0) return null;
      outages.delete(what);
      return outage;
    }

    const own: Trouble = {
      failed(error, again) {
        if (stopped || isFinal(error)) return false;
        countFailure(what, own, error);
        if (callOff !== null) return true;
        callOff = clock.after(backoffMs(pauses, ++failures, random()), () => {
          callOff = null;
          if (!stopped) again();
        });
        return true;
      },
      succeeded() {
        if (failures === 0) return;
        const over = leave();
        if (over === null) return;
        const facts = { failed_tries: over.tries, after_ms: Math.round(clock.monotonic() - over.beganMs) };
        log.info(facts, `${what}: goes on`);
      },
      end: () => void leave(),
    };
    return own;
  }

  const service = createService({
    stop() {
      stopped = true;
      for (const { members } of [...outages.values()]) for (const member of [...members]) member.end();
      for (const giveUp of giveUps) giveUp();
    },
  });

  return {
    ...service,
    trouble,

    async untilDone(what, work) {
      const own = trouble(what);
      for (;;) {
        try {
          const result = await work();
          own.succeeded();
          return result;
        } catch (error) {
          const { promise: mayGoOn, resolve } = Promise.withResolvers<boolean>();
          const giveUp = () => resolve(false);
          giveUps.add(giveUp);
          if (!own.failed(error, () => resolve(true))) resolve(false);
          const goesOn = await mayGoOn;
          giveUps.delete(giveUp);
          if (goesOn) continue;
          own.end();
          throw error;
        }
      }
    },
  };
}

/** Whether the store will never do it: it failed for good, or is closing. */
function isFinal(error: unknown): boolean {
  return error instanceof SitqError && (error.reason === "STORE_FAILED" || error.reason === "DRAINING");
}
