import { aborted, linkedController } from "../../async/signals.ts";
import { limits } from "../../contract/limits.ts";
import type { FanOut } from "../../domain/fan-out.ts";
import { draining, tooManyWatchers } from "../../domain/refusals/server.ts";
import type { CallContext, Outbound } from "../../grpc/handlers.ts";
import { createWatchGroup, type Watch, type WatchGroup } from "./watch-group.ts";

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
  serve<Change, M>(watch: Watch<Change, M>, context: CallContext, out: Outbound<M>): Promise<void>;
  /** Runs a watch of another sort, which only counts. @throws SitqError TOO_MANY_WATCHERS */
  count<T>(run: () => Promise<T>): Promise<T>;
}

/** The watchers of a server that has none. */
export function createWatchers(maxWatchers: number, fanOut: FanOut): Watchers {
  const groups = new Map<string, WatchGroup<never, never>>();
  let watchers = 0;

  async function count<T>(run: () => Promise<T>): Promise<T> {
    if (watchers >= maxWatchers) throw tooManyWatchers(maxWatchers);
    watchers++;
    try {
      return await run();
    } finally {
      watchers--;
    }
  }

  function groupOf<Change, M>(watch: Watch<Change, M>): WatchGroup<Change, M> {
    // A key names one sort of watch, and so one sort of change and of message.
    const known = groups.get(watch.key) as WatchGroup<Change, M> | undefined;
    if (known !== undefined) return known;
    const group = createWatchGroup(watch, fanOut, () => groups.delete(watch.key));
    groups.set(watch.key, group as WatchGroup<never, never>);
    return group;
  }

  return {
    serve: (watch, { signal }, out) =>
      count(async () => {
        out.bound(limits.watchBufferBytes);
        const member = groupOf(watch).join(watch, out);
        const end = linkedController(signal, watch.stopped);
        try {
          await member.begin();
          if (!end.signal.aborted) await Promise.race([member.ended, aborted(end.signal)]);
        } finally {
          member.leave();
          end.release();
        }
        if (watch.stopped.aborted) throw draining();
      }),
    count,
  };
}
