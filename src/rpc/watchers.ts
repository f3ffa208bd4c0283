import { SitqError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { EncodedMessage } from "./adapter/encoded-message.ts";
import type { CallContext, Outbound } from "./adapter/handlers.ts";

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
  /** Encodes what happened in one turn of the event loop: once, however many watch. */
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

/** What may wait for one watcher, in bytes; one that falls further behind is sent away. What it begins with is not counted. */
const mostWaitingBytes = 1_048_576;

/** The watchers of a server that has none. */
export function createWatchers(maxWatchers: number): Watchers {
  const groups = new Map<string, Group<never>>();
  const atEndOfTurn = createTurnEnd();
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

  function groupOf<Change>(watch: Watch<Change>): Group<Change> {
    // A key names one sort of watch, and so one sort of change.
    const known = groups.get(watch.key) as Group<Change> | undefined;
    if (known !== undefined) return known;
    const group = createGroup(watch, atEndOfTurn, () => groups.delete(watch.key));
    groups.set(watch.key, group as Group<never>);
    return group;
  }

  return {
    serve: (watch, { signal }, out) =>
      count(async () => {
        out.bound(limits.watchBufferBytes);
        const ended = Promise.withResolvers<void>();
        // It may be rejected before anybody waits for it.
        ended.promise.catch(() => undefined);
        const member = createMember(watch, out, ended);
        const leave = groupOf(watch).join(member);
        const end = () => ended.resolve();
        signal.addEventListener("abort", end);
        watch.stopped.addEventListener("abort", end);
        try {
          await member.begin();
          if (!signal.aborted && !watch.stopped.aborted) await ended.promise;
        } finally {
          leave();
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

/** The watchers of one key. */
interface Group<Change> {
  /** Adds a member; answers a function that removes it. */
  join(member: Member<Change>): () => void;
}

/** Runs actions once each at the end of a turn of the event loop, together: what changes at one moment is told at one. */
function createTurnEnd(): (action: () => void) => void {
  const due = new Set<() => void>();
  const run = () => {
    const actions = [...due];
    due.clear();
    for (const action of actions) action();
  };
  return (action) => {
    if (due.size === 0) setImmediate(run);
    due.add(action);
  };
}

function createGroup<Change>(
  watch: Watch<Change>,
  atEndOfTurn: (action: () => void) => void,
  onEmpty: () => void,
): Group<Change> {
  const members = new Set<Member<Change>>();
  let pending: Change[] = [];

  function flush(): void {
    if (pending.length === 0) return;
    const changes = pending;
    pending = [];
    let told: { readonly messages: readonly EncodedMessage[]; readonly isLast: boolean } | null = null;
    const encoded = () => {
      if (told === null) {
        const { messages, isLast } = watch.encode(changes);
        told = { messages: [...messages], isLast };
      }
      return told;
    };
    for (const member of members) member.tell(changes, encoded);
  }

  const unfollow = watch.follow((changes) => {
    for (const change of changes) pending.push(change);
    atEndOfTurn(flush);
  });

  return {
    join(member) {
      // What happened before is not its own.
      flush();
      members.add(member);
      member.settle = flush;
      return () => {
        if (!members.delete(member) || members.size > 0) return;
        unfollow();
        onEmpty();
      };
    },
  };
}

/** One watcher. */
interface Member<Change> {
  /** Hears of what its group has gathered, at once. */
  settle: () => void;
  begin(): Promise<void>;
  tell(
    changes: readonly Change[],
    encoded: () => { readonly messages: readonly EncodedMessage[]; readonly isLast: boolean },
  ): void;
}

function createMember<Change>(
  watch: Watch<Change>,
  out: Outbound<EncodedMessage>,
  ended: PromiseWithResolvers<void>,
): Member<Change> {
  let early: Change[] | null = [];
  let first: Iterator<EncodedMessage> | null = null;
  let waiting: EncodedMessage[] = [];
  let next = 0;
  let bytes = 0;
  let isLast = false;

  function flush(): void {
    if (early !== null) return;
    while (first !== null && out.writable) {
      const { done, value } = first.next();
      if (done) first = null;
      else out.send(value);
    }
    while (first === null && out.writable) {
      const message = waiting[next];
      if (message === undefined) break;
      next++;
      bytes -= message.bytes.length;
      out.send(message);
    }
    if (next === waiting.length || next > 1_024) {
      waiting = waiting.slice(next);
      next = 0;
    }
    if (isLast && first === null && waiting.length === 0) ended.resolve();
    // One that is larger by itself goes all the same.
    if (bytes > mostWaitingBytes && waiting.length - next > 1) {
      const text = `The watcher fell ${bytes} bytes behind. ${watch.tooSlow}`;
      ended.reject(new SitqError("WATCH_TOO_SLOW", text, { retryAfterMs: 1_000 }));
    }
  }

  const member: Member<Change> = {
    settle: () => undefined,

    async begin() {
      out.onDrain(flush);
      const seen = () => {
        member.settle();
        return early ?? [];
      };
      const beginning = watch.begin(seen);
      const told = beginning instanceof Promise ? await beginning : beginning;
      early = null;
      first = told.messages[Symbol.iterator]();
      isLast = told.isLast;
      flush();
    },

    tell(changes, encoded) {
      if (early !== null) {
        early.push(...changes);
        return;
      }
      const told = encoded();
      for (const message of told.messages) {
        waiting.push(message);
        bytes += message.bytes.length;
      }
      isLast ||= told.isLast;
      flush();
    },
  };
  return member;
}
