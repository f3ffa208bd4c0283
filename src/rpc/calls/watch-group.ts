import type { FanOut } from "../../domain/fan-out.ts";
import { watchTooSlow } from "../../domain/refusals/server.ts";
import type { Outbound } from "../../grpc/handlers.ts";
import { createWatchBacklog, type WatchBacklog } from "./watch-backlog.ts";

/** Messages to a watcher, and whether the last of them is the last there is. */
export interface WatchMessages<M> {
  readonly messages: Iterable<M>;
  readonly isLast: boolean;
}

/** One sort of watch with one filter. */
export interface Watch<Change, M> {
  /** Watchers with the same key are sent the same: the name of the watch and its whole filter. */
  readonly key: string;
  /** Follows the changes for all watchers of the key, until the answered function is called. */
  follow(sink: (changes: readonly Change[]) => void): () => void;
  /** Makes messages of what happened since it was last called, as they are asked for: once, however many watch. */
  toMessages(changes: readonly Change[]): WatchMessages<M>;
  /** Encodes a message, once for all who are sent it, and answers how many bytes it takes. */
  encodeAhead(message: M): number;
  /**
   * What a watcher begins with. It is called when the following has begun, so that nothing is missed; what happens until its
   * promise is settled is kept.
   *
   * @param early answers what has happened since the call
   */
  begin(early: () => readonly Change[]): WatchMessages<M> | Promise<WatchMessages<M>>;
  /** Aborted when the server ends all watches. */
  readonly stopped: AbortSignal;
  /** What a watcher is to do that is too slow. */
  readonly tooSlow: string;
}

/** One watcher in its group. */
export interface WatchMember {
  /** Sends what the watch begins with, and from then on what happens. */
  begin(): Promise<void>;
  /** Resolves when there is nothing more to send. It is rejected with WATCH_TOO_SLOW. */
  readonly ended: Promise<void>;
  leave(): void;
}

/** What may wait for one watcher, in bytes; one that falls further behind is sent away. What it begins with is not counted. */
const mostWaitingBytes = 1_048_576;

/** What a message that is encoded takes of a round, in units; and the bytes that are sent in one unit. */
const unitsPerMessage = 10;
const bytesPerUnit = 16_384;

/** The watchers of one key. What happens is encoded once for all of them. It follows the changes until its last watcher leaves. */
export class WatchGroup<Change, M> {
  readonly #watch: Pick<Watch<Change, M>, "follow" | "toMessages" | "encodeAhead">;
  readonly #onEmpty: () => void;
  readonly #unfollow: () => void;
  readonly #backlog = createWatchBacklog<M>();
  readonly #members = new Set<Member<Change, M>>();
  /** Those that have been sent the whole backlog, or are sent the rest in this round. */
  readonly #ready = new Set<Member<Change, M>>();
  /** Those that do not read. */
  readonly #lagging = new Set<Member<Change, M>>();
  /** What has happened and is not encoded. */
  #pending: Change[] = [];
  /** What is being encoded. */
  #encoding: { readonly messages: Iterator<M>; readonly isLast: boolean } | null = null;
  /** Where those end that had begun before it. */
  #lastAt = -1;
  /** What is ready has been sent all before it. */
  #sentTo = 0;

  /** What its watchers are given of it. */
  readonly #forMembers: MemberGroup<Change, M> = {
    backlog: this.#backlog,
    encodeAhead: (message) => this.#watch.encodeAhead(message),
    encodeAll: () => this.#encodeAll(),
    lastAt: () => this.#lastAt,
    sorted: (member, isReady) => this.#sort(member, isReady),
    left: (member) => this.#left(member),
  };

  /** @param onEmpty called when the last watcher has left */
  constructor(
    watch: Pick<Watch<Change, M>, "follow" | "toMessages" | "encodeAhead">,
    fanOut: FanOut,
    onEmpty: () => void,
  ) {
    this.#watch = watch;
    this.#onEmpty = onEmpty;
    const round = () => this.#round();
    this.#unfollow = watch.follow((changes) => {
      for (const change of changes) this.#pending.push(change);
      fanOut.due(round);
    });
  }

  /** Adds a watcher. What happened before is not its own. */
  join(watch: Pick<Watch<Change, M>, "begin" | "tooSlow">, out: Outbound<M>): WatchMember {
    this.#encodeAll();
    const member = new Member<Change, M>(watch, out, this.#forMembers);
    this.#members.add(member);
    return member;
  }

  #sort(member: Member<Change, M>, isReady: boolean): void {
    (isReady ? this.#lagging : this.#ready).delete(member);
    (isReady ? this.#ready : this.#lagging).add(member);
  }

  #left(member: Member<Change, M>): void {
    this.#ready.delete(member);
    this.#lagging.delete(member);
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#unfollow();
    this.#onEmpty();
  }

  /** Messages of what is pending, which then is no more. */
  #takePending(): WatchMessages<M> {
    const changes = this.#pending;
    this.#pending = [];
    for (const { early } of this.#members) if (early !== null) for (const change of changes) early.push(change);
    const isHeard = this.#ready.size + this.#lagging.size > 0;
    return isHeard ? this.#watch.toMessages(changes) : { messages: [], isLast: false };
  }

  /** Encodes the next message of what is pending; `false`: that is all. */
  #encodeNext(): boolean {
    if (this.#encoding === null) {
      if (this.#pending.length === 0) return false;
      const { messages, isLast } = this.#takePending();
      this.#encoding = { messages: messages[Symbol.iterator](), isLast };
    }
    const { done, value } = this.#encoding.messages.next();
    if (!done) {
      this.#backlog.push(value, this.#watch.encodeAhead(value));
      if (this.#backlog.bytes > mostWaitingBytes) this.#sendAwayTheSlow();
      return true;
    }
    if (this.#encoding.isLast) this.#lastAt = this.#backlog.end;
    this.#encoding = null;
    return this.#encodeNext();
  }

  #encodeAll(): void {
    while (this.#encodeNext());
  }

  #sendAwayTheSlow(): void {
    let needed = this.#sentTo;
    for (const member of this.#lagging) {
      const behind = this.#backlog.bytesFrom(member.next);
      // One that is larger by itself goes all the same.
      if (behind > mostWaitingBytes && this.#backlog.end - member.next > 1) {
        this.#lagging.delete(member);
        member.sendAway(behind);
      } else needed = Math.min(needed, member.next);
    }
    this.#backlog.dropBefore(needed);
  }

  *#round(): Generator<number, void> {
    while (this.#encodeNext()) yield unitsPerMessage;
    const end = this.#backlog.end;
    for (const member of [...this.#ready]) {
      if (this.#ready.has(member)) yield 1 + Math.floor(member.send() / bytesPerUnit);
    }
    this.#sentTo = end;
    if (this.#lagging.size === 0) this.#backlog.dropBefore(end);
  }
}

/** What a watcher needs of its group. */
interface MemberGroup<Change, M> {
  readonly backlog: WatchBacklog<M>;
  encodeAhead(message: M): number;
  encodeAll(): void;
  /** Behind the last message that there will be; below 0: there may be more. */
  lastAt(): number;
  /** The watcher has been sent everything, or has not. */
  sorted(member: Member<Change, M>, isReady: boolean): void;
  left(member: Member<Change, M>): void;
}

/**
 * A watcher is in one of three states:
 *
 *     beginning ──▶ ready ◀──▶ lagging
 *
 * One that is ready has been sent the whole backlog, or is sent the rest in this round. One that does not read lags: no change
 * costs anything for it until its connection has room again, when it goes on from its own place in the backlog.
 */
class Member<Change, M> implements WatchMember {
  readonly ended: Promise<void>;
  /** What happened while its beginning is read; `null`: it has begun. */
  early: Change[] | null = [];
  /** Its place in the backlog. */
  next = 0;
  readonly #watch: Pick<Watch<Change, M>, "begin" | "tooSlow">;
  readonly #out: Outbound<M>;
  readonly #group: MemberGroup<Change, M>;
  /** Settles `ended`. */
  readonly #end = Promise.withResolvers<void>();
  /** What is left of its beginning; `null`: nothing. */
  #first: Iterator<M> | null = null;
  /** Where in the backlog it began. */
  #beganAt = 0;
  /** Whether its beginning is all that there is. */
  #isLast = false;
  #isOver = false;

  constructor(watch: Pick<Watch<Change, M>, "begin" | "tooSlow">, out: Outbound<M>, group: MemberGroup<Change, M>) {
    this.#watch = watch;
    this.#out = out;
    this.#group = group;
    this.ended = this.#end.promise;
    // It may be rejected before it is waited for.
    this.ended.catch(() => undefined);
  }

  async begin(): Promise<void> {
    this.#out.onDrain(() => void this.send());
    const beginning = this.#watch.begin(() => {
      this.#group.encodeAll();
      return this.early ?? [];
    });
    const { messages, isLast } = beginning instanceof Promise ? await beginning : beginning;
    if (this.#isOver) return;
    this.early = null;
    this.next = this.#group.backlog.end;
    this.#beganAt = this.next;
    this.#first = messages[Symbol.iterator]();
    this.#isLast = isLast;
    this.send();
  }

  leave(): void {
    this.#isOver = true;
    this.#group.left(this);
  }

  /** Sends what there is room for; answers its bytes. */
  send(): number {
    if (this.early !== null || this.#isOver) return 0;
    const { backlog } = this.#group;
    let bytes = 0;
    let isSent = this.#first === null && this.next === backlog.end;
    while (!isSent && this.#out.writable) {
      const message = this.#take();
      isSent = message === null;
      if (message === null) break;
      bytes += this.#group.encodeAhead(message);
      this.#out.send(message);
    }
    isSent ||= this.#first === null && this.next === backlog.end;
    this.#group.sorted(this, isSent);
    const lastAt = this.#group.lastAt();
    const isThrough = this.#isLast ? isSent : this.#beganAt < lastAt && lastAt <= this.next;
    if (this.#first === null && isThrough) this.#end.resolve();
    return bytes;
  }

  sendAway(bytesBehind: number): void {
    this.#isOver = true;
    this.#end.reject(watchTooSlow(bytesBehind, this.#watch.tooSlow));
  }

  /** The next message for it; `null`: it has been sent all that there is. */
  #take(): M | null {
    const { done = true, value } = this.#first?.next() ?? {};
    if (!done) return value;
    this.#first = null;
    const message = this.#group.backlog.at(this.next);
    if (message === undefined) return null;
    this.next++;
    return message;
  }
}
