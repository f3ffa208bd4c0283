import type { Clock } from "./clock.ts";
import { SitqError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Random } from "./random.ts";
import { backoffMs, type RetryPolicy } from "./retry.ts";
import { createService, type Service } from "./service.ts";

/**
 * Retries background work that failed: such work has no caller that would repeat it, and nothing reports that a full disk has
 * room again.
 *
 * The pauses begin at a second and grow to half a minute. Each kind of work logs one line when it begins to fail, however many
 * tries fail, and one when all of it works again.
 *
 * A stop ends all pauses. Work that waits in one is not tried again.
 */
export interface Retries extends Service {
  /**
   * Repeats the work until it succeeds, and answers its result. Rejects with the last failure where it is not to be tried again:
   * after a stop, or when the store has failed for good.
   *
   * @param what the kind of work, for the log
   */
  untilDone<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Retries one piece of work that other causes than its pauses repeat too. */
  trouble(what: string): Trouble;
}

/** The failures of one piece of work; none at first. */
export interface Trouble {
  /**
   * The work failed: calls `again` after a pause, unless a pause is under way already.
   *
   * @returns false if it is not to be tried again
   */
  failed(error: unknown, again: () => void): boolean;
  /** The work succeeded: ends the pause, and the next one is short again. */
  succeeded(): void;
  /** The work is no longer needed: ends the pause. */
  end(): void;
}

/** What retries need. */
export interface RetriesOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const pauses: RetryPolicy = { initialBackoffMs: 1_000, maxBackoffMs: 30_000, multiplier: 2, jitter: 0.2 };

/** One kind of work, from its first failure until all of it works again. */
interface Outage {
  readonly beganMs: number;
  readonly members: Set<Trouble>;
  tries: number;
}

/** Creates retries; nothing has failed yet. */
export function createRetries({ clock, random, log }: RetriesOptions): Retries {
  const outages = new Map<string, Outage>();
  /** End the waits of `untilDone` at a stop. */
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
    let endPause: (() => void) | null = null;

    /** Forgets the failures of this work; answers the outage if no other work of its kind fails. */
    function leave(): Outage | null {
      failures = 0;
      endPause?.();
      endPause = null;
      const outage = outages.get(what);
      if (outage?.members.delete(own) !== true || outage.members.size > 0) return null;
      outages.delete(what);
      return outage;
    }

    const own: Trouble = {
      failed(error, again) {
        if (stopped || isFinal(error)) return false;
        countFailure(what, own, error);
        if (endPause !== null) return true;
        endPause = clock.after(backoffMs(pauses, ++failures, random()), () => {
          endPause = null;
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
