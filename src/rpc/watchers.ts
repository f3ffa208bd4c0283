import { SitqError } from "../domain/errors.ts";
import type { FanOut } from "../domain/fan-out.ts";
import { limits } from "../domain/limits.ts";
import type { EncodedMessage } from "./adapter/encoded-message.ts";
import type { CallContext, Outbound } from "./adapter/handlers.ts";
import { createWatchGroup, type WatchGroup } from "./watch-group.ts";

/** Messages to a watcher, and whether the last of them is the last there is. */
export interface Told {
  readonly messages: Iterable<EncodedMessage>;
  readonly isLast: boolean;
}

/** One sort of watch with one filter. */
export interface Watch<Change> {
  /** Watchers with the same key are told the same: the name of the watch and its whole filter. */
  readonly key: string;
  /** Follows the changes for all watchers of the key, until the answered function is called. */
  follow(sink: (changes: readonly Change[]) => void): () => void;
  /** Encodes what happened since it was last called, message by message as they are asked for: once, however many watch. */
  encode(changes: readonly Change[]): Told;
  /**
   * What a watcher begins with. It is called when the following has begun, so that nothing is missed; what happens until its
   * promise is settled is kept.
   *
   * @param early answers what has happened since the call
   */
  begin(early: () => readonly Change[]): Told | Promise<Told>;
  /** Aborted when the server ends all watches. */
  readonly stopped: AbortSignal;
  /** What a watcher is to do that is too slow. */
  readonly tooSlow: string;
}

/**
 * All watchers of a server. A change is encoded once for those with equal filters, and shared by them; what waits for one that
 * does not read is bounded in bytes, and so is the number of watchers.
 */
export interface Watchers {
  /**
   * Serves one watcher until it goes away, or there is nothing more to tell.
   *
   * @throws SitqError TOO_MANY_WATCHERS; WATCH_TOO_SLOW; DRAINING
   */
  serve<Change>(watch: Watch<Change>, context: CallContext, out: Outbound<EncodedMessage>): Promise<void>;
  /** Runs a watch of another sort, which only counts. @throws SitqError TOO_MANY_WATCHERS */
  count<T>(run: () => Promise<T>): Promise<T>;
}

/** The watchers of a server that has none. */
export function createWatchers(maxWatchers: number, fanOut: FanOut): Watchers {
  const groups = new Map<string, WatchGroup<never>>();
  let watchers = 0;

  async function count<T>(run: () => Promise<T>): Promise<T> {
    if (watchers >= maxWatchers) {
      const text = `The server has ${maxWatchers} watchers, its bound.`;
      throw new SitqError("TOO_MANY_WATCHERS", text, { retryAfterMs: 1_000 });
    }
    watchers++;
    try {
      return await run();
    } finally {
      watchers--;
    }
  }

  function groupOf<Change>(watch: Watch<Change>): WatchGroup<Change> {
    // A key names one sort of watch, and so one sort of change.
    const known = groups.get(watch.key) as WatchGroup<Change> | undefined;
    if (known !== undefined) return known;
    const group = createWatchGroup(watch, fanOut, () => groups.delete(watch.key));
    groups.set(watch.key, group as WatchGroup<never>);
    return group;
  }

  return {
    serve: (watch, { signal }, out) =>
      count(async () => {
        out.bound(limits.watchBufferBytes);
        const called = Promise.withResolvers<void>();
        const end = () => called.resolve();
        const member = groupOf(watch).join(watch, out);
        signal.addEventListener("abort", end);
        watch.stopped.addEventListener("abort", end);
        try {
          await member.begin();
          if (!signal.aborted && !watch.stopped.aborted) await Promise.race([member.ended, called.promise]);
        } finally {
          member.leave();
          signal.removeEventListener("abort", end);
          watch.stopped.removeEventListener("abort", end);
        }
        if (watch.stopped.aborted) {
          throw new SitqError("DRAINING", "The server is stopping. Watch again.", { retryAfterMs: 1_000 });
        }
      }),
    count,
  };
}
