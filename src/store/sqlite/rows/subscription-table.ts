import type Database from "better-sqlite3";
import type { NewSubscription } from "../../../domain/events/event.ts";
import { createEventMatcher, type EventFacts } from "../../../domain/events/event-filter.ts";
import {
  type EarlierFilter,
  filtersBehind,
  type SubscriptionStanding,
} from "../../../domain/events/subscription-progress.ts";
import { optionsText } from "../../../domain/tasks/task-options.ts";

/** The states of a row of `subscription`. */
export const subscriptionState = { live: 1, catchingUp: 2, ending: 3, ended: 4 } as const;

/** A subscription in memory, as the open transaction leaves it. */
export interface SubscriptionEntry extends SubscriptionStanding {
  readonly id: number;
  content: NewSubscription;
  readonly createMs: number;
  positionKey: number | null;
  isPaused: boolean;
  /** Whether an event that is stored now is meant for it. */
  matches: (event: EventFacts) => boolean;
  earlier: readonly CompiledFilter[];
  /** The `options` column of its deliveries. */
  options: string | null;
}

/** An earlier filter, ready to be asked. */
interface CompiledFilter extends EarlierFilter {
  readonly matches: (event: EventFacts) => boolean;
}

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

interface SubscriptionRow {
  readonly id: number;
  readonly name: string;
  readonly position_id: number | null;
  readonly content: string;
  readonly create_ms: number;
  readonly paused: number;
  readonly earlier: string | null;
}

/** Creates the table of subscriptions of an open database. */
export function createSubscriptionTable(db: Database.Database): SubscriptionTable {
  const selectAll = db.prepare<[], SubscriptionRow>(
    `SELECT id, name, position_id, content, create_ms, paused, earlier FROM subscription
     WHERE state <= ${subscriptionState.catchingUp} ORDER BY id`,
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

  function remember(id: number, content: NewSubscription, positionKey: number | null, createMs: number) {
    const entry: SubscriptionEntry = {
      id,
      content,
      createMs,
      positionKey,
      isPaused: false,
      earlier: [],
      matches: createEventMatcher(content.filter),
      options: optionsText(content),
    };
    names.set(content.name, entry);
    ids.set(id, content.name);
    return entry;
  }

  const stateAt = (positionKey: number | null) =>
    positionKey === null ? subscriptionState.live : subscriptionState.catchingUp;

  /**
   * @throws SyntaxError if a subscription cannot be read: which events are meant for it is not known, so without it, those that are
   *   published would be lost to it
   */
  function restore(row: SubscriptionRow): void {
    try {
      const content = JSON.parse(row.content) as NewSubscription;
      const earlier = row.earlier === null ? [] : (JSON.parse(row.earlier) as EarlierFilter[]).map(compiled);
      const entry = remember(row.id, content, row.position_id, row.create_ms);
      Object.assign(entry, { isPaused: row.paused === 1, earlier });
    } catch (cause) {
      throw new SyntaxError(`the subscription ${row.name} cannot be read`, { cause });
    }
  }

  const table: SubscriptionTable = {
    byName: (name) => names.get(name),
    all: () => names.values(),
    nameOf: (id) => ids.get(id) ?? null,

    add(content, positionKey, nowMs) {
      const text = JSON.stringify(content);
      const { lastInsertRowid } = insert.run(content.name, stateAt(positionKey), positionKey, text, nowMs);
      return remember(Number(lastInsertRowid), content, positionKey, nowMs);
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

    change(entry, { content, positionKey, isPaused, earlier }) {
      const filters = earlier.map(({ untilKey, filter }) => ({ untilKey, filter }));
      const earlierText = filters.length === 0 ? null : JSON.stringify(filters);
      const paused = isPaused ? 1 : 0;
      updateAll.run(stateAt(positionKey), positionKey, JSON.stringify(content), paused, earlierText, entry.id);
      Object.assign(entry, { content, positionKey, isPaused, earlier: filters.map(compiled) });
      entry.matches = createEventMatcher(content.filter);
      entry.options = optionsText(content);
    },

    end(entry, beforeKey) {
      updateEnded.run(beforeKey, entry.id);
      names.delete(entry.content.name);
      ids.delete(entry.id);
    },

    reload() {
      names.clear();
      ids.clear();
      selectAll.all().forEach(restore);
    },
  };

  table.reload();
  return table;
}

function compiled({ untilKey, filter }: EarlierFilter): CompiledFilter {
  return { untilKey, filter, matches: createEventMatcher(filter) };
}
