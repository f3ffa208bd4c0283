import { onAbort } from "../async/signals.ts";
import { limits } from "../contract/limits.ts";
import type { Clock } from "../domain/clock.ts";
import type { EventFilter, EventStart, StoredEvent } from "../domain/events/event.ts";
import type { FanOut } from "../domain/fan-out.ts";
import { positionExpired } from "../domain/refusals/events.ts";
import { createFollowed, type Followed } from "../domain/service.ts";
import type { EventPage, EventStore } from "../store/event-store.ts";

/** What a watcher is told: events that match, and up to where it has been looked. */
export interface WatchedEvents {
  readonly events: readonly StoredEvent[];
  readonly position: string;
}

/** Shows events to watchers as they are stored. Its stop ends all watches. */
export interface EventFeed extends Followed {
  /**
   * Reads events from a start on, in bounded pages, as fast as the reader takes them, until the signal is aborted. The first page is
   * empty. A watch that begins again behind the last position it saw misses nothing and repeats nothing.
   *
   * @throws SitqError POSITION_EXPIRED, at the start or when the reader is so slow that retention overtakes it
   */
  watch(filter: EventFilter, start: EventStart, signal: AbortSignal): AsyncGenerator<WatchedEvents, void>;
  /** Something was published, and is committed. */
  wake(): void;
}

/** How long a watcher to whom nothing was of interest stays without a newer position, in milliseconds. */
const positionIntervalMs = 5_000;

/** What a watcher that is woken takes of a round, in units: its page is looked up, and sent. */
const unitsPerWatcher = 3;

/** The feed of a store. Nobody asks it anew before something was published. */
export function createEventFeed(store: EventStore, clock: Clock, fanOut: FanOut): EventFeed {
  /** Those that wait for something new. One that does not read is not among them. */
  const waiting = new Set<() => void>();
  /** Pages that are being read: those who are equally far with equal filters share them, unless something was published since. */
  const reading = new Map<string, Promise<EventPage>>();
  /** Whether watchers are being woken: then what is read is kept for those who are woken last. */
  let waking = false;
  let publications = 0;

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

  async function* watch(filter: EventFilter, start: EventStart, signal: AbortSignal) {
    let wake: () => void = () => undefined;
    const release = onAbort(signal, () => wake());
    try {
      let position = await placeOf(start);
      let toldMs = clock.monotonic();
      yield { events: [], position };
      while (!signal.aborted) {
        const seen = publications;
        const page = await read(filter, position);
        const isOverdue = page.position !== position && clock.monotonic() - toldMs >= positionIntervalMs;
        position = page.position;
        if (page.events.length > 0 || isOverdue) {
          toldMs = clock.monotonic();
          yield { events: page.events, position };
        }
        if (!page.isEnd || publications !== seen || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
          waiting.add(resolve);
        });
        waiting.delete(wake);
      }
    } finally {
      release();
    }
  }

  return {
    ...createFollowed(),
    watch,
    wake() {
      publications++;
      if (waiting.size > 0) fanOut.due(wakeWaiting);
    },
  };
}
