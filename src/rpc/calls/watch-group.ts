import type { FanOut } from "../../domain/fan-out.ts";
import { watchTooSlow } from "../../domain/refusals/server.ts";
import type { Outbound } from "../../grpc/handlers.ts";
import { createWatchBacklog } from "./watch-backlog.ts";

/** Messages to a watcher, and whether the last of them is the last there is. */
export interface Told<M> {
  readonly messages: Iterable<M>;
  readonly isLast: boolean;
}

/** One sort of watch with one filter. */
export interface Watch<Change, M> {
  /** Watchers with the same key are told the same: the name of the watch and its whole filter. */
  readonly key: string;
  /** Follows the changes for all watchers of the key, until the answered function is called. */
  follow(sink: (changes: readonly Change[]) => void): () => void;
  /** Makes messages of what happened since it was last called, as they are asked for: once, however many watch. */
  tell(changes: readonly Change[]): Told<M>;
  /** Encodes a message, once for all who are sent it, and answers how many bytes it takes. */
  encodeAhead(message: M): number;
  /**
   * What a watcher begins with. It is called when the following has begun, so that nothing is missed; what happens until its
   * promise is settled is kept.
   *
   * @param early answers what has happened since the call
   */
  begin(early: () => readonly Change[]): Told<M> | Promise<Told<M>>;
  /** Aborted when the server ends all watches. */
  readonly stopped: AbortSignal;
  /** What a watcher is to do that is too slow. */
  readonly tooSlow: string;
}

/** The watchers of one key. What happens is encoded once for all of them. */
export interface WatchGroup<Change, M> {
  /** Adds a watcher. What happened before is not its own. */
  join(watch: Watch<Change, M>, out: Outbound<M>): WatchMember;
}

/** One watcher in its group. */
export interface WatchMember {
  /** Sends what the watch begins with, and from then on what happens. */
  begin(): Promise<void>;
  /** Resolves when there is nothing more to tell. It is rejected with WATCH_TOO_SLOW. */
  readonly ended: Promise<void>;
  leave(): void;
}

/** What may wait for one watcher, in bytes; one that falls further behind is sent away. What it begins with is not counted. */
const mostWaitingBytes = 1_048_576;

/** What a message that is encoded takes of a round, in units; and the bytes that are sent in one unit. */
const unitsPerMessage = 10;
const bytesPerUnit = 16_384;

/**
 * A watcher is in one of three states:
 *
 *     beginning ──▶ ready ◀──▶ lagging
 *
 * One that is ready has been sent the whole backlog, or is sent the rest in this round. One that does not read lags: no change
 * costs anything for it until its connection has room again, when it goes on from its own place in the backlog.
 */
interface Member<Change> {
  /** What happened while its beginning is read; `null`: it has begun. */
  early: Change[] | null;
  /** Its place in the backlog. */
  next: number;
  /** Sends what there is room for; answers its bytes. */
  send(): number;
  sendAway(bytesBehind: number): void;
}

/**
 * A group without watchers. It follows the changes until its last watcher leaves.
 *
 * @param onEmpty called then
 */
export function createWatchGroup<Change, M>(
  { follow, tell, encodeAhead }: Pick<Watch<Change, M>, "follow" | "tell" | "encodeAhead">,
  fanOut: FanOut,
  onEmpty: () => void,
): WatchGroup<Change, M> {
  const backlog = createWatchBacklog<M>();
  const members = new Set<Member<Change>>();
  const ready = new Set<Member<Change>>();
  const lagging = new Set<Member<Change>>();
  let pending: Change[] = [];
  let encoding: { readonly messages: Iterator<M>; readonly isLast: boolean } | null = null;
  /** Where those end that had begun before it. */
  let lastAt = -1;
  /** What is ready has been sent all before it. */
  let sentTo = 0;

  function tellPending(): Told<M> {
    const changes = pending;
    pending = [];
    for (const { early } of members) if (early !== null) for (const change of changes) early.push(change);
    return ready.size + lagging.size === 0 ? { messages: [], isLast: false } : tell(changes);
  }

  /** Encodes the next message of what is pending; `false`: that is all. */
  function encodeNext(): boolean {
    if (encoding === null) {
      if (pending.length === 0) return false;
      const { messages, isLast } = tellPending();
      encoding = { messages: messages[Symbol.iterator](), isLast };
    }
    const { done, value } = encoding.messages.next();
    if (!done) {
      backlog.push(value, encodeAhead(value));
      if (backlog.bytes > mostWaitingBytes) sendAwayTheSlow();
      return true;
    }
    if (encoding.isLast) lastAt = backlog.end;
    encoding = null;
    return encodeNext();
  }

  function encodeAll(): void {
    while (encodeNext());
  }

  function sendAwayTheSlow(): void {
    let needed = sentTo;
    for (const member of lagging) {
      const behind = backlog.bytesFrom(member.next);
      // One that is larger by itself goes all the same.
      if (behind > mostWaitingBytes && backlog.end - member.next > 1) {
        lagging.delete(member);
        member.sendAway(behind);
      } else needed = Math.min(needed, member.next);
    }
    backlog.dropBefore(needed);
  }

  function* round(): Generator<number, void> {
    while (encodeNext()) yield unitsPerMessage;
    const end = backlog.end;
    for (const member of [...ready]) if (ready.has(member)) yield 1 + Math.floor(member.send() / bytesPerUnit);
    sentTo = end;
    if (lagging.size === 0) backlog.dropBefore(end);
  }

  const unfollow = follow((changes) => {
    for (const change of changes) pending.push(change);
    fanOut.due(round);
  });

  function createMember(watch: Watch<Change, M>, out: Outbound<M>): Member<Change> & WatchMember {
    const ended = Promise.withResolvers<void>();
    // It may be rejected before it is waited for.
    ended.promise.catch(() => undefined);
    let first: Iterator<M> | null = null;
    let beganAt = 0;
    let isOver = false;
    let isLast = false;

    /** The next message for it; `null`: it has been sent all that there is. */
    function take(member: Member<Change>): M | null {
      const { done = true, value } = first?.next() ?? {};
      if (!done) return value;
      first = null;
      const message = backlog.at(member.next);
      if (message === undefined) return null;
      member.next++;
      return message;
    }

    const member: Member<Change> & WatchMember = {
      early: [],
      next: 0,
      ended: ended.promise,

      send() {
        if (member.early !== null || isOver) return 0;
        let bytes = 0;
        let isSent = first === null && member.next === backlog.end;
        while (!isSent && out.writable) {
          const message = take(member);
          isSent = message === null;
          if (message === null) break;
          bytes += encodeAhead(message);
          out.send(message);
        }
        isSent ||= first === null && member.next === backlog.end;
        (isSent ? lagging : ready).delete(member);
        (isSent ? ready : lagging).add(member);
        if (first === null && (isLast ? isSent : beganAt < lastAt && lastAt <= member.next)) ended.resolve();
        return bytes;
      },

      sendAway(bytesBehind) {
        isOver = true;
        ended.reject(watchTooSlow(bytesBehind, watch.tooSlow));
      },

      async begin() {
        out.onDrain(() => void member.send());
        const seen = () => {
          encodeAll();
          return member.early ?? [];
        };
        const beginning = watch.begin(seen);
        const told = beginning instanceof Promise ? await beginning : beginning;
        if (isOver) return;
        member.early = null;
        member.next = backlog.end;
        beganAt = member.next;
        first = told.messages[Symbol.iterator]();
        isLast = told.isLast;
        member.send();
      },

      leave() {
        isOver = true;
        ready.delete(member);
        lagging.delete(member);
        if (!members.delete(member) || members.size > 0) return;
        unfollow();
        onEmpty();
      },
    };
    return member;
  }

  return {
    join(watch, out) {
      encodeAll();
      const member = createMember(watch, out);
      members.add(member);
      return member;
    },
  };
}
