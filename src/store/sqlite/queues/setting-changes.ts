import { type ChangeAuthor, isSetting, type SettingChange } from "../../../domain/tasks/setting-changes.ts";
import { textOf } from "../../rows/json-column.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueEntry } from "../rows/queue-table.ts";

interface ChangeRow {
  readonly setting: string;
  readonly change_ms: number;
  readonly principal: string;
  readonly reason: string;
  readonly previous: string;
}

/** The newest change of each setting of a queue. */
export interface SettingChanges {
  /** Newest first. */
  of(queueId: number): SettingChange[];
  /** Who paused a queue; `null`: it is not paused, or that is not known. */
  pausedBy(queue: Pick<QueueEntry, "id" | "settings">): ChangeAuthor | null;
  put(queueId: number, change: SettingChange): void;
}

/** Reads and writes the changes of settings on an open database. */
export function createSettingChanges({ db }: Pick<Engine, "db">): SettingChanges {
  const select = db.prepare<[number], ChangeRow>(
    `SELECT setting, change_ms, principal, reason, previous FROM setting_change WHERE queue_id = ?
     ORDER BY change_ms DESC, setting`,
  );
  const upsert = db.prepare<[number, string, number, string, string, string]>(
    `INSERT INTO setting_change (queue_id, setting, change_ms, principal, reason, previous) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET change_ms = excluded.change_ms, principal = excluded.principal, reason = excluded.reason,
       previous = excluded.previous`,
  );

  const changes: SettingChanges = {
    of: (queueId) =>
      select.all(queueId).flatMap(({ setting, change_ms: changeMs, principal, reason, previous }) => {
        // A newer version may have had others, and a flipped bit makes a time a text.
        if (!isSetting(setting) || typeof changeMs !== "number") return [];
        const texts = {
          principal: textOf(principal) ?? "",
          reason: textOf(reason) ?? "",
          previous: textOf(previous) ?? "",
        };
        return { setting, changeMs, ...texts };
      }),
    pausedBy({ id, settings }) {
      const change = settings.paused ? changes.of(id).find(({ setting }) => setting === "paused") : undefined;
      return change === undefined ? null : { principal: change.principal, reason: change.reason };
    },
    put(queueId, { setting, changeMs, principal, reason, previous }) {
      upsert.run(queueId, setting, changeMs, principal, reason, previous);
    },
  };
  return changes;
}
