import type Database from "better-sqlite3";
import type { NewSubscription } from "../../../domain/events/event.ts";
import { filtersBehind, type SubscriptionStanding } from "../../../domain/events/subscription-progress.ts";
import {
  type CompiledStanding,
  compiledStanding,
  earlierText,
  type KnownSubscription,
  knownSubscriptionOf,
  type SubscriptionRow,
  stateAt,
  subscriptionColumns,
  subscriptionState,
} from "../../rows/subscription-rows.ts";

/** A subscription in memory, as the open transaction leaves it. */
export type SubscriptionEntry = Pick<KnownSubscription, "id" | "createMs"> & {
  -readonly [Field in keyof CompiledStanding]: CompiledStanding[Field];
};

/** Every subscription that has not ended, held in memory by the one thread that writes. */
export interface SubscriptionTable {
  byName(name: string): SubscriptionEntry | undefined;
  all(): Iterable<SubscriptionEntry>;
  /** The name of the one with a number; `null`: it has ended. */
  nameOf(id: number): string | null;
  /** Stores a new one; `positionKey` as in SubscriptionEntry. */
  add(content: NewSubscription, positionKey: number | null, nowMs: number): SubscriptionEntry;
  /** Stores how far one has caught up; `null`: it is live. */
  moveTo(entry: SubscriptionEntry, positionKey: number | null): void;
  /** Stores what an entry is to be from now on. */
  change(entry: SubscriptionEntry, to: SubscriptionStanding): void;
  /** Ends one. Its deliveries below `beforeKey` are still to be cancelled. */
  end(entry: SubscriptionEntry, beforeKey: number): void;
  /** Goes back to what is on the disk; called after each rollback. */
  reload(): void;
}

/** Creates the table of subscriptions of an open database. */
export function createSubscriptionTable(db: Database.Database): SubscriptionTable {
  const selectAll = db.prepare<[], SubscriptionRow>(
    `SELECT ${subscriptionColumns} FROM subscription WHERE state <= ${subscriptionState.catchingUp} ORDER BY id`,
  );
  const insert = db.prepare<[string, number, number | null, string, number]>(
    "INSERT INTO subscription (name, state, position_id, content, create_ms) VALUES (?, ?, ?, ?, ?)",
  );
  const updatePosition = db.prepare<[number, number | null, number]>(
    "UPDATE subscription SET state = ?, position_id = ? WHERE id = ?",
  );
  const updateAll = db.prepare<[number, number | null, string, number, string | null, number]>(
    "UPDATE subscription SET state = ?, position_id = ?, content = ?, paused = ?, earlier = ? WHERE id = ?",
  );
  const updateEnded = db.prepare<[number, number]>(
    `UPDATE subscription SET state = ${subscriptionState.ending}, position_id = ?, content = NULL, earlier = NULL
     WHERE id = ?`,
  );
  const names = new Map<string, SubscriptionEntry>();
  const ids = new Map<number, string>();

  function remember(entry: SubscriptionEntry): SubscriptionEntry {
    names.set(entry.content.name, entry);
    ids.set(entry.id, entry.content.name);
    return entry;
  }

  const table: SubscriptionTable = {
    byName: (name) => names.get(name),
    all: () => names.values(),
    nameOf: (id) => ids.get(id) ?? null,

    add(content, positionKey, nowMs) {
      const text = JSON.stringify(content);
      const { lastInsertRowid } = insert.run(content.name, stateAt(positionKey), positionKey, text, nowMs);
      const standing = { content, positionKey, isPaused: false, earlier: [] };
      return remember({ id: Number(lastInsertRowid), createMs: nowMs, ...compiledStanding(standing) });
    },

    moveTo(entry, positionKey) {
      const earlier = filtersBehind(entry.earlier, positionKey);
      if (earlier.length < entry.earlier.length) {
        table.change(entry, { ...entry, positionKey, earlier });
        return;
      }
      updatePosition.run(stateAt(positionKey), positionKey, entry.id);
      entry.positionKey = positionKey;
    },

    change(entry, to) {
      const { content, positionKey, isPaused, earlier } = to;
      const paused = isPaused ? 1 : 0;
      updateAll.run(stateAt(positionKey), positionKey, JSON.stringify(content), paused, earlierText(earlier), entry.id);
      Object.assign(entry, compiledStanding(to));
    },

    end(entry, beforeKey) {
      updateEnded.run(beforeKey, entry.id);
      names.delete(entry.content.name);
      ids.delete(entry.id);
    },

    reload() {
      names.clear();
      ids.clear();
      for (const row of selectAll.all()) remember(knownSubscriptionOf(row));
    },
  };

  table.reload();
  return table;
}
