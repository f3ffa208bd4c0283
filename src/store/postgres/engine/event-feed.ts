import type { StoreVerbs } from "../../store.ts";
import type { Statements } from "../database/statements.ts";
import type { EngineVerb } from "./set-verbs.ts";

/** How far the feed of events is. */
export interface FeedEnd {
  /** The key of the last event that was ever stored; 0: none was. */
  readonly lastKey: number;
  /** The last event that retention has deleted; 0: it has deleted none. */
  readonly sweptKey: number;
}

/**
 * Locks the feed until the end of the transaction. Those who hold it one after the other see all that those before them did, and events get
 * their keys from them alone: so the order of the keys is that of the commits, and a reader who has seen one key has seen all below it.
 *
 * It is the first lock of a transaction: one that waits for it holds nothing that others wait for.
 */
export const lockFeed = "SELECT FROM event_feed FOR UPDATE";

/** The verbs that store events, and those that change which subscriptions take in what: an event is stored before such a change or after it. */
const feedVerbs: ReadonlySet<EngineVerb> = new Set<EngineVerb>([
  "publish",
  "createSubscription",
  "updateSubscription",
  "replay",
  "endSubscription",
  "catchUp",
  "sweepEvents",
]);

/**
 * Whether a call runs while the feed is locked. Those that put tasks back may put back deliveries, which is decided where others are stored:
 * see tasks/ordering.ts.
 */
export function needsFeed(verb: EngineVerb, args: readonly unknown[]): boolean {
  const [change] = args as Parameters<StoreVerbs["changeMatching"]>;
  return feedVerbs.has(verb) || verb === "retry" || (verb === "changeMatching" && change.kind === "retry");
}

/** Reads how far the feed is: with the lock, to the end; without it, to the last commit. */
export async function readFeed(db: Statements): Promise<FeedEnd> {
  const row = await db.get<{ last: number; swept: number }>("SELECT last, swept FROM event_feed");
  if (row === undefined) throw new Error("the feed of events has no row");
  return { lastKey: row.last, sweptKey: row.swept };
}
