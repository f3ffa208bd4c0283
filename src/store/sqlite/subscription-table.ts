import type Database from "better-sqlite3";
import type { NewSubscription } from "../../domain/event.ts";
import { createEventMatcher, type EventFacts } from "../../domain/event-filter.ts";
import { optionsText } from "./rows.ts";

/** The states of a row of `subscription`. */
export const subscriptionState = { live: 1, catchingUp: 2, ending: 3, ended: 4 } as const;

/** A subscription in memory, as the open transaction leaves it. */
export interface SubscriptionEntry {
  readonly id: number;
  readonly content: NewSubscription;
  readonly createMs: number;
  /** The last event that it has taken in while it catches up; `null`: it is live. */
  positionKey: number | null;
  /** Whether an event is meant for it. */
  readonly matches: (event: EventFacts) => boolean;
  /** The `options` column of its deliveries. */
  readonly options: string | null;
}

/** Every subscription that has not ended, held in memory by the one thread that writes. */
export interface SubscriptionTable {
  byName(name: string): SubscriptionEntry | undefined;
  all(): Iterable<SubscriptionEntry>;
  /** Stores a new one; `positionKey` as in SubscriptionEntry. */
  add(content: NewSubscription, positionKey: number | null, nowMs: number): SubscriptionEntry;
  /** Stores how far one has caught up; `null`: it is live. */
  moveTo(entry: SubscriptionEntry, positionKey: number | null): void;
  /** Ends one. Its deliveries below `beforeKey` are still to be cancelled. */
  end(entry: SubscriptionEntry, beforeKey: number): void;
  /** Goes back to what is on the disk; called after each rollback. */
  reload(): void;
}

interface SubscriptionRow {
  readonly id: number;
  readonly position_id: number | null;
  readonly content: string;
  readonly create_ms: number;
}

/** The table of subscriptions of an open database. */
export function createSubscriptionTable(db: Database.Database): SubscriptionTable {
  const selectAll = db.prepare<[], SubscriptionRow>(
    "SELECT id, position_id, content, create_ms FROM subscription WHERE state <= 2 ORDER BY id",
  );
  const insert = db.prepare<[string, number, number | null, string, number]>(
    "INSERT INTO subscription (name, state, position_id, content, create_ms) VALUES (?, ?, ?, ?, ?)",
  );
  const updatePosition = db.prepare<[number, number | null, number]>(
    "UPDATE subscription SET state = ?, position_id = ? WHERE id = ?",
  );
  const updateEnded = db.prepare<[number, number]>(
    `UPDATE subscription SET state = ${subscriptionState.ending}, position_id = ?, content = NULL WHERE id = ?`,
  );
  const names = new Map<string, SubscriptionEntry>();

  function remember(id: number, content: NewSubscription, positionKey: number | null, createMs: number) {
    const entry: SubscriptionEntry = {
      id,
      content,
      createMs,
      positionKey,
      matches: createEventMatcher(content.filter),
      options: optionsText(content),
    };
    names.set(content.name, entry);
    return entry;
  }

  const stateAt = (positionKey: number | null) =>
    positionKey === null ? subscriptionState.live : subscriptionState.catchingUp;

  const table: SubscriptionTable = {
    byName: (name) => names.get(name),
    all: () => names.values(),

    add(content, positionKey, nowMs) {
      const text = JSON.stringify(content);
      const { lastInsertRowid } = insert.run(content.name, stateAt(positionKey), positionKey, text, nowMs);
      return remember(Number(lastInsertRowid), content, positionKey, nowMs);
    },

    moveTo(entry, positionKey) {
      updatePosition.run(stateAt(positionKey), positionKey, entry.id);
      entry.positionKey = positionKey;
    },

    end(entry, beforeKey) {
      updateEnded.run(beforeKey, entry.id);
      names.delete(entry.content.name);
    },

    reload() {
      names.clear();
      for (const row of selectAll.all()) {
        remember(row.id, JSON.parse(row.content) as NewSubscription, row.position_id, row.create_ms);
      }
    },
  };
  table.reload();
  return table;
}
