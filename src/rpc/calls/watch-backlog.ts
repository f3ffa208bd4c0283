interface Entry<M> {
  readonly message: M;
  /** The bytes of all messages before it. */
  readonly before: number;
}

/** The messages of one key that not all of its watchers have been sent. Every watcher has its own place in it; the messages are shared. */
export interface WatchBacklog<M> {
  /** Behind the newest: the place of one that has been sent everything. */
  readonly end: number;
  /** The bytes that are kept. */
  readonly bytes: number;
  push(message: M, bytes: number): void;
  /** `undefined`: that is the end. */
  at(place: number): M | undefined;
  /** The bytes from a place on. */
  bytesFrom(place: number): number;
  /** Forgets what comes before a place. */
  dropBefore(place: number): void;
}

/** Creates a backlog. */
export function createWatchBacklog<M>(): WatchBacklog<M> {
  let entries: Entry<M>[] = [];
  let first = 0;
  let pushedBytes = 0;

  const bytesFrom = (place: number) => pushedBytes - (entries[place - first]?.before ?? pushedBytes);
  return {
    get end() {
      return first + entries.length;
    },
    get bytes() {
      return bytesFrom(first);
    },
    push(message, bytes) {
      entries.push({ message, before: pushedBytes });
      pushedBytes += bytes;
    },
    at: (place) => entries[place - first]?.message,
    bytesFrom,
    dropBefore(place) {
      if (place <= first) return;
      entries = entries.slice(place - first);
      first = place;
    },
  };
}
