import type { NewSubscription } from "../../../domain/events/event.ts";
import { filtersBehind, type SubscriptionStanding } from "../../../domain/events/subscription-progress.ts";
import {
  compiledStanding,
  earlierText,
  type KnownSubscription,
  knownSubscriptionOf,
  type SubscriptionRow,
  stateAt,
  subscriptionColumns,
  subscriptionState,
} from "../../rows/subscription-rows.ts";
import type { Statements } from "../database/statements.ts";

/** How far a subscription has caught up. */
export interface SubscriptionMove {
  readonly one: KnownSubscription;
  /** The last event that it has taken in; `null`: it is live. */
  readonly toKey: number | null;
}

const known = `state <= ${subscriptionState.catchingUp}`;

/**
 * The subscriptions that have not ended. Those that are live are kept in memory with their filters, as long as no server changes any, for
 * each event is compared with all of them; everything else is read where it is stored.
 */
export class SubscriptionTable {
  private readonly db: Statements;
  private readonly changed: () => Promise<void>;
  private readonly names = new Map<number, string>();
  private live: KnownSubscription[] = [];
  private isLoaded = false;
  private revision = -1;

  /** @param changed tells all servers that what they keep in memory has changed */
  constructor(db: Statements, changed: () => Promise<void>) {
    this.db = db;
    this.changed = changed;
  }

  /** Called at the beginning of each transaction, behind its locks. @param revision as the database has it */
  begin(revision: number): void {
    if (revision !== this.revision) this.isLoaded = false;
    this.revision = revision;
  }

  /** Forgets what the transaction did that was undone. */
  undo(): void {
    this.isLoaded = false;
  }

  /** Reads what is kept in memory, if it is not there. */
  async load(): Promise<void> {
    if (this.isLoaded) return;
    const rows = await this.db.all<SubscriptionRow>(
      `SELECT ${subscriptionColumns} FROM subscription WHERE ${known} ORDER BY id`,
    );
    this.names.clear();
    for (const { id, name } of rows) this.names.set(id, name);
    this.live = rows.filter(({ position_id: position }) => position === null).map(knownSubscriptionOf);
    this.isLoaded = true;
  }

  /** Those that get each event in the transaction that stores it, oldest first. To be asked while the feed of events is locked. */
  async allLive(): Promise<readonly KnownSubscription[]> {
    await this.load();
    return this.live;
  }

  /** The name of the one with a number, as it was when it was loaded last; `null`: it has ended. */
  nameOf(id: number): string | null {
    return this.names.get(id) ?? null;
  }

  /** The one of a name. */
  async find(name: string): Promise<KnownSubscription | undefined> {
    const row = await this.db.get<SubscriptionRow>(
      `SELECT ${subscriptionColumns} FROM subscription WHERE name = $1 AND ${known}`,
      [name],
    );
    return row && knownSubscriptionOf(row);
  }

  /** Those with names above `cursor`, by name. */
  async list(cursor: string, limit: number): Promise<KnownSubscription[]> {
    const rows = await this.db.all<SubscriptionRow>(
      `SELECT ${subscriptionColumns} FROM subscription WHERE name > $1 AND ${known} ORDER BY name LIMIT $2`,
      [cursor, limit],
    );
    return rows.map(knownSubscriptionOf);
  }

  /** Those that have events to take in and are not paused, oldest first. */
  async allBehind(): Promise<KnownSubscription[]> {
    const rows = await this.db.all<SubscriptionRow>(
      `SELECT ${subscriptionColumns} FROM subscription WHERE state = ${subscriptionState.catchingUp} AND paused = 0 ORDER BY id`,
    );
    return rows.map(knownSubscriptionOf);
  }

  /** Stores a new one. @param positionKey as in SubscriptionStanding */
  async add(content: NewSubscription, positionKey: number | null, nowMs: number): Promise<KnownSubscription> {
    const row = await this.db.get<{ id: number }>(
      "INSERT INTO subscription (name, state, position_id, content, create_ms) VALUES ($1, $2, $3, $4, $5) RETURNING id",
      [content.name, stateAt(positionKey), positionKey, JSON.stringify(content), nowMs],
    );
    if (row === undefined) throw new Error("the subscription has no row");
    await this.tellAll();
    const standing = { content, positionKey, isPaused: false, earlier: [] };
    return { id: row.id, createMs: nowMs, ...compiledStanding(standing) };
  }

  /** Stores what one is to be from now on. */
  async change({ id, createMs }: KnownSubscription, to: SubscriptionStanding): Promise<KnownSubscription> {
    const { content, positionKey, isPaused, earlier } = to;
    await this.db.run(
      "UPDATE subscription SET state = $2, position_id = $3, content = $4, paused = $5, earlier = $6 WHERE id = $1",
      [id, stateAt(positionKey), positionKey, JSON.stringify(content), isPaused ? 1 : 0, earlierText(earlier)],
    );
    await this.tellAll();
    return { id, createMs, ...compiledStanding(to) };
  }

  /** Stores how far some have caught up. */
  async move(moves: readonly SubscriptionMove[]): Promise<void> {
    if (moves.length === 0) return;
    await this.db.run(
      `UPDATE subscription SET state = moved.state, position_id = moved.position_id, earlier = moved.earlier
       FROM unnest($1::int[], $2::smallint[], $3::bigint[], $4::text[]) AS moved (id, state, position_id, earlier)
       WHERE subscription.id = moved.id`,
      [
        moves.map(({ one }) => one.id),
        moves.map(({ toKey }) => stateAt(toKey)),
        moves.map(({ toKey }) => toKey),
        moves.map(({ one, toKey }) => earlierText(filtersBehind(one.earlier, toKey))),
      ],
    );
    // Where all stay behind, nothing changes of what is kept in memory.
    if (moves.some(({ one, toKey }) => one.positionKey === null || toKey === null)) await this.tellAll();
  }

  /** Ends one. Its deliveries below `beforeKey` are still to be cancelled. */
  async end({ id }: KnownSubscription, beforeKey: number): Promise<void> {
    // Waits for those who bring its deliveries back in line, and keeps others from it: see events/end-subscription.ts.
    await this.db.run("SELECT FROM subscription WHERE id = $1 FOR UPDATE", [id]);
    await this.db.run(
      `UPDATE subscription SET state = ${subscriptionState.ending}, position_id = $2, content = NULL, earlier = NULL WHERE id = $1`,
      [id, beforeKey],
    );
    await this.tellAll();
  }

  private async tellAll(): Promise<void> {
    this.isLoaded = false;
    await this.changed();
  }
}
