import { onAbort } from "../async/signals.ts";
import { limits } from "../contract/limits.ts";
import type { Clock } from "../domain/clock.ts";
import type { EventFilter, EventStart, StoredEvent } from "../domain/events/event.ts";
import type { FanOut } from "../domain/fan-out.ts";
import { positionExpired } from "../domain/refusals/events.ts";
import { draining } from "../domain/refusals/server.ts";
import type { EventPage, EventStore } from "../store/event-store.ts";

/** What a watcher is told: events that match, and up to where it has been looked. */
export interface WatchedEvents {
  readonly events: readonly StoredEvent[];
  readonly position: string;
}

/** Shows events to watchers as they are stored. */
export interface EventFeed {
  /**
   * Events from a start on, in bounded pages, for ever: as fast as the reader takes them. The first page is empty. Whoever
   * begins again behind the last position that it saw misses nothing and gets nothing twice. It ends when the signal is
   * aborted.
   *
   * @throws SitqError POSITION_EXPIRED, at the start or when the reader is so slow that retention overtakes it; DRAINING when
   * the feed stops
   */
  follow(filter: EventFilter, start: EventStart, signal: AbortSignal): AsyncGenerator<WatchedEvents, void>;
  /** Something was published, and is committed. */
  wake(): void;
  /** Ends all watches. Idempotent. */
  stop(): void;
}

/** How long a watcher to whom nothing was of interest stays without a newer position, in milliseconds. */
const positionIntervalMs = 5_000;

/** What a watcher that is woken takes of a round, in units: its page is looked up, and sent. */
const unitsPerWatcher = 3;

/** The feed of a store. Nobody asks it anew before something was published. */
export function createEventFeed(store: EventStore, clock: Clock, fanOut: FanOut): EventFeed {
  const watchers = new Set<() => void>();
  /** Those that wait for something new. One that does not read is not among them. */
  const waiting = new Set<() => void>();
  /** Pages that are being read: those who are equally far with equal filters share them, unless something was published since. */
  const reading = new Map<string, Promise<EventPage>>();
  /** Whether watchers are being woken: then what is read is kept for those who are woken last. */
  let waking = false;
  let publications = 0;
  let stopped = false;

  function* wakeWaiting(): Generator<number, void> {
    waking = true;
    for (const wake of [...waiting]) {
      wake();
      yield unitsPerWatcher;
    }
    // The last of them read first.
    clock.afterIo(() => {
      waking = false;
      reading.clear();
    });
  }

  function isOver(signal: AbortSignal): boolean {
    if (!stopped) return signal.aborted;
    throw draining();
  }

  async function placeOf(start: EventStart): Promise<string> {
    const answer = await store.findStart(start);
    if (answer.status === "expired") throw positionExpired(answer.earliest);
    return answer.position;
  }

  /** Reads on. Retention may overtake a slow reader: it is asked after the reading whether nothing was missing. */
  function read(filter: EventFilter, after: string): Promise<EventPage> {
    const key = JSON.stringify([filter, after, publications]);
    const known = reading.get(key);
    if (known !== undefined) return known;
    const page = readNow(filter, after).finally(() => waking || reading.delete(key));
    reading.set(key, page);
    return page;
  }

  async function readNow(filter: EventFilter, after: string): Promise<EventPage> {
    const { eventsPerMessage: limit, messageBytes: maxBytes } = limits;
    const events = store.readEvents({ filter, after, limit, maxBytes });
    const [page] = await Promise.all([events, placeOf({ kind: "position", position: after })]);
    return page;
  }

  async function* follow(filter: EventFilter, start: EventStart, signal: AbortSignal) {
    let wake: () => void = () => undefined;
    const onEnd = () => wake();
    watchers.add(onEnd);
    const release = onAbort(signal, onEnd);
    try {
      let position = await placeOf(start);
      let toldMs = clock.monotonic();
      yield { events: [], position };
      while (!isOver(signal)) {
        const seen = publications;
        const page = await read(filter, position);
        const isOverdue = page.position !== position && clock.monotonic() - toldMs >= positionIntervalMs;
        position = page.position;
        if (page.events.length > 0 || isOverdue) {
          toldMs = clock.monotonic();
          yield { events: page.events, position };
        }
        if (!page.isEnd || publications !== seen || isOver(signal)) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
          waiting.add(resolve);
        });
        waiting.delete(wake);
      }
    } finally {
      watchers.delete(onEnd);
      release();
    }
  }

  return {
    follow,
    wake() {
      publications++;
      if (waiting.size > 0) fanOut.due(wakeWaiting);
    },
    stop() {
      stopped = true;
      for (const end of watchers) end();
    },
  };
}
