import { aborted, linkedController } from "../../async/signals.ts";
import { limits } from "../../contract/limits.ts";
import { openPrincipal, type Principal } from "../../domain/access/principal.ts";
import type { FanOut } from "../../domain/fan-out.ts";
import { draining, tooManyWatchers } from "../../domain/refusals/server.ts";
import type { Outbound } from "../../grpc/handlers.ts";
import { Places } from "../limits/places.ts";
import type { RpcContext } from "./rpc-context.ts";
import { type Watch, WatchGroup } from "./watch-group.ts";

/**
 * A watch whose source keeps on the disk what it shows: each watcher reads it at its own pace, so that nothing waits in memory and
 * none is too slow.
 */
export interface StoredWatch<M> {
  /** The messages from where the watcher begins, one after the other as they are taken, until `end` is aborted. */
  read(end: AbortSignal): AsyncIterable<M>;
  /** Aborted when the server ends all watches. */
  readonly stopped: AbortSignal;
}

/** How many watchers there may be at a time. */
export interface WatcherBounds {
  readonly maxWatchers: number;
  /** Of one principal, but for the open one. */
  readonly maxWatchersPerPrincipal: number;
}

/** What of its call a watch needs. */
export type WatchContext = Pick<RpcContext, "signal" | "principal">;

/**
 * All watchers of a server, and the one place where a watch begins and ends. A change is encoded once for those with equal filters,
 * and shared by them; what waits for one that does not read is bounded in bytes, and so is the number of watchers.
 */
export interface Watchers {
  /** How many there are. */
  readonly count: number;
  /**
   * Takes the place of a watcher that is served elsewhere.
   *
   * @returns gives it back
   * @throws SitqError TOO_MANY_WATCHERS
   */
  takePlace(principal: Principal): () => void;
  /**
   * Serves one watcher until it goes away, or there is nothing more to send.
   *
   * @throws SitqError TOO_MANY_WATCHERS; WATCH_TOO_SLOW, but not of a stored watch; DRAINING
   */
  serve<Change, M>(watch: Watch<Change, M> | StoredWatch<M>, context: WatchContext, out: Outbound<M>): Promise<void>;
}

/** Creates the watchers of a server. */
export function createWatchers(bounds: WatcherBounds, fanOut: FanOut): Watchers {
  const { maxWatchers, maxWatchersPerPrincipal } = bounds;
  const groups = new Map<string, WatchGroup<never, never>>();
  const places = new Places(maxWatchersPerPrincipal);
  let watchers = 0;

  /** @returns gives the place of a watcher back */
  function takePlace({ name }: Principal): () => void {
    if (watchers >= maxWatchers) throw tooManyWatchers("server", maxWatchers);
    const isOpen = name === openPrincipal.name;
    if (!isOpen && !places.take(name)) throw tooManyWatchers("principal", maxWatchersPerPrincipal);
    watchers++;
    return () => {
      watchers--;
      if (!isOpen) places.giveBack(name);
    };
  }

  function groupOf<Change, M>(watch: Watch<Change, M>): WatchGroup<Change, M> {
    // A key names one sort of watch, and so one sort of change and of message.
    const known = groups.get(watch.key) as WatchGroup<Change, M> | undefined;
    if (known !== undefined) return known;
    const group = new WatchGroup(watch, fanOut, () => groups.delete(watch.key));
    groups.set(watch.key, group as WatchGroup<never, never>);
    return group;
  }

  async function share<Change, M>(watch: Watch<Change, M>, out: Outbound<M>, end: AbortSignal): Promise<void> {
    const member = groupOf(watch).join(watch, out);
    try {
      await member.begin();
      if (!end.aborted) await Promise.race([member.ended, aborted(end)]);
    } finally {
      member.leave();
    }
  }

  return {
    get count() {
      return watchers;
    },

    takePlace,

    async serve(watch, { signal, principal }, out) {
      const leave = takePlace(principal);
      out.bound(limits.watchBufferBytes);
      const end = linkedController(signal, watch.stopped);
      try {
        await ("read" in watch ? read(watch, out, end.signal) : share(watch, out, end.signal));
      } finally {
        leave();
        end.release();
      }
      if (watch.stopped.aborted) throw draining();
    },
  };
}

async function read<M>(watch: StoredWatch<M>, out: Outbound<M>, end: AbortSignal): Promise<void> {
  for await (const message of watch.read(end)) if (!out.send(message)) await out.drained();
}
