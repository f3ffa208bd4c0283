import type { StoredEvent } from "../../../domain/events/event.ts";

/** An event as its deliveries are handed out. It never changes. */
export interface DeliverableEvent {
  /** Without its data. */
  readonly event: StoredEvent;
  readonly data: Uint8Array | null;
  /** It fits its checksum; of what an older version stored, that is not known. */
  readonly isVerified: boolean;
}

/** The events that were handed out last. One with many subscriptions is read, checked and sent to the other thread once for all of them. */
export interface RecentEvents {
  /** The event of a key. @throws what the reader throws */
  get(key: number): DeliverableEvent;
}

/** About a kilobyte each, beside their data. */
const keptEvents = 1_000;
const keptBytes = 2_097_152;

/** Creates it without events; each is read when it is first asked for. */
export function createRecentEvents(read: (key: number) => DeliverableEvent): RecentEvents {
  const kept = new Map<number, DeliverableEvent>();
  let bytes = 0;

  function keep(key: number, event: DeliverableEvent): void {
    kept.set(key, event);
    bytes += sizeOf(event);
    for (const [oldest, each] of kept) {
      if (kept.size <= keptEvents && bytes <= keptBytes) return;
      kept.delete(oldest);
      bytes -= sizeOf(each);
    }
  }

  return {
    get(key) {
      const known = kept.get(key);
      if (known !== undefined) return known;
      const event = read(key);
      keep(key, event);
      return event;
    },
  };
}

function sizeOf({ data }: DeliverableEvent): number {
  return data?.length ?? 0;
}
