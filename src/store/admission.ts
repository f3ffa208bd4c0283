import { overloaded } from "../domain/refusals/server.ts";

/** What may wait for the store. */
export interface AdmissionSettings {
  /** Calls that wait, or are in the store. */
  readonly maxWaitingCalls: number;
  /** What they carry, in bytes. */
  readonly maxWaitingBytes: number;
}

/**
 * Lets calls that bring new work (enqueue, publish, start) to the store.
 *
 * The store is handed a little at a time, and the rest waits here, in order: so whatever else is asked of it (outcomes,
 * heartbeats, claims, reads) goes before most of the new work, however much of that comes. What waits is bounded; beyond that a
 * call is refused at once, which costs little and tells its caller early.
 */
export interface Admission {
  /** @throws SitqError OVERLOADED if there is no room: before anything is spent on a call */
  assertOpen(): void;
  /**
   * Runs `call` when it is its turn: at once, if the store has little to do.
   *
   * @param items how many tasks, events or workflows it brings
   * @param bytes how large they are together
   * @throws SitqError OVERLOADED if there is no room
   */
  admit<T>(items: number, bytes: number, call: () => Promise<T>): Promise<T>;
  /** The calls that wait or are in the store, and what they carry. */
  readonly waiting: { readonly calls: number; readonly bytes: number };
}

/** Items in the store at a time: two commits of what a busy server stores in one. */
const itemsInStore = 512;
/** Calls in the store at a time, however many items they bring: batches that are large make commits of their own. */
const callsInStore = 4;
/** What an item takes beside what it carries, in bytes. */
const itemBytes = 512;
interface Waiting {
  readonly items: number;
  readonly bytes: number;
  readonly go: () => void;
}

/** Creates an admission without waiting calls. */
export function createAdmission({ maxWaitingCalls, maxWaitingBytes }: AdmissionSettings): Admission {
  let waiting: Waiting[] = [];
  let next = 0;
  let calls = 0;
  let bytes = 0;
  let inStoreCalls = 0;
  let inStoreItems = 0;

  const isIdle = () => inStoreItems < itemsInStore || inStoreCalls < callsInStore;

  async function run<T>(items: number, size: number, call: () => Promise<T>): Promise<T> {
    inStoreCalls++;
    inStoreItems += items;
    try {
      return await call();
    } finally {
      inStoreCalls--;
      inStoreItems -= items;
      calls--;
      bytes -= size;
      letGo();
    }
  }

  function letGo(): void {
    for (let head = waiting[next]; head !== undefined && isIdle(); head = waiting[next]) {
      next++;
      // It counts itself before the next one is looked at.
      head.go();
    }
    if (next < waiting.length && next < 1_024) return;
    waiting = waiting.slice(next);
    next = 0;
  }

  function assertOpen(): void {
    if (calls >= maxWaitingCalls || (calls > 0 && bytes >= maxWaitingBytes)) throw overloaded;
  }

  return {
    get waiting() {
      return { calls, bytes };
    },

    assertOpen,
    async admit(items, size, call) {
      assertOpen();
      const takes = size + items * itemBytes;
      // One alone is taken whatever its size: it could never be otherwise.
      if (calls > 0 && bytes + takes > maxWaitingBytes) throw overloaded;
      calls++;
      bytes += takes;
      if (waiting.length === 0 && isIdle()) return run(items, takes, call);
      return new Promise((resolve) => {
        waiting.push({ items, bytes: takes, go: () => resolve(run(items, takes, call)) });
      });
    },
  };
}
