import { SitqError } from "../../src/domain/errors.ts";
import type { Store } from "../../src/store/store.ts";

/** The verbs of a store. */
type Verb = {
  [Name in keyof Store]: Store[Name] extends (...args: never[]) => Promise<unknown> ? Name : never;
}[keyof Store];
type Verbs = Record<Verb, (...args: unknown[]) => Promise<unknown>>;

/** A store whose disk is full for one call of one verb. */
export interface FailingStore {
  /** Puts itself before a store. */
  readonly wrap: (store: Store) => Store;
  /**
   * Lets one call of the verb fail, and no other: the next, or the one after `spared` that succeed; once `until` is fulfilled, if that
   * is said.
   */
  fail(verb: Verb, options?: { readonly spared?: number; readonly until?: Promise<void> }): Fault;
}

/** One failure. */
export interface Fault {
  /** Resolves when the call has failed. */
  readonly struck: Promise<void>;
  /** The answer to the next call of the same verb. */
  readonly triedAgain: Promise<unknown>;
}

/** A store that works until a test says otherwise. */
export function createFailingStore(): FailingStore {
  const armed = new Map<
    Verb,
    { spared: number; readonly until: Promise<void>; readonly strike: PromiseWithResolvers<void> }
  >();
  const waiting = new Map<Verb, PromiseWithResolvers<unknown>>();

  function call(store: Store, verb: Verb, args: unknown[]): Promise<unknown> {
    const next = armed.get(verb);
    if (next !== undefined && next.spared-- === 0) {
      armed.delete(verb);
      next.strike.resolve();
      return next.until.then(() => {
        throw new SitqError("DISK_FULL", "The disk of the server is full.", { retryAfterMs: 10_000 });
      });
    }
    const answer = (store as unknown as Verbs)[verb](...args);
    waiting.get(verb)?.resolve(answer);
    waiting.delete(verb);
    return answer;
  }

  return {
    wrap: (store) =>
      new Proxy(store, {
        get(target, name: keyof Store) {
          const member = target[name];
          if (typeof member !== "function" || name.startsWith("on") || name.startsWith("subscribe")) return member;
          return (...args: unknown[]) => call(target, name as Verb, args);
        },
      }),

    fail(verb, { spared = 0, until = Promise.resolve() } = {}) {
      const strike = Promise.withResolvers<void>();
      const again = Promise.withResolvers<unknown>();
      armed.set(verb, { spared, until, strike });
      return {
        // Only what comes after it is a try again.
        struck: strike.promise.then(() => void waiting.set(verb, again)),
        triedAgain: again.promise,
      };
    },
  };
}
