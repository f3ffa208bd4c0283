import type { Queue } from "../../../domain/tasks/queue.ts";
import {
  isSetting,
  type QueueWithChanges,
  type SettingChange,
  settingChanges,
} from "../../../domain/tasks/setting-changes.ts";
import type { QueueStore } from "../../queue-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { QueueEntry } from "../engine/queue-table.ts";
import type { ReadyRows } from "../tasks/ready-rows.ts";

interface ChangeRow {
  readonly setting: string;
  readonly change_ms: number;
  readonly principal: string;
  readonly reason: string;
  readonly previous: string;
}

const unknownAuthor = { principal: "", reason: "" };

/** Creates the verbs of queues. */
export function createQueues({ db, keys, queues, changed }: Engine, readyRows: ReadyRows): QueueStore {
  async function queuesOf(entries: readonly QueueEntry[]): Promise<Queue[]> {
    const ids = entries.map(({ id }) => id);
    const counts = await queues.counts(ids);
    const firsts = await readyRows.firstKeys(ids);
    const passedOver = await readyRows.passedOver(ids);
    return entries.map((entry) => {
      const first = firsts.get(entry.id);
      return {
        ...entry.settings,
        name: entry.name,
        counts: counts.get(entry.id) as Queue["counts"],
        nextPendingMs: first === undefined ? null : keys.timeOf(first),
        passedOver: passedOver.get(entry.id) ?? [],
        createMs: entry.createMs,
        updateMs: entry.updateMs,
      };
    });
  }

  async function changesOf(queueId: number): Promise<SettingChange[]> {
    const rows = await db.all<ChangeRow>(
      `SELECT setting, change_ms, principal, reason, previous FROM setting_change WHERE queue_id = $1
       ORDER BY change_ms DESC, setting`,
      [queueId],
    );
    return rows.flatMap(({ setting, change_ms: changeMs, ...texts }) =>
      // A newer version may have had others.
      isSetting(setting) ? [{ setting, changeMs, ...texts }] : [],
    );
  }

  async function putChange(queueId: number, change: SettingChange): Promise<void> {
    const { setting, changeMs, principal, reason, previous } = change;
    await db.run(
      `INSERT INTO setting_change (queue_id, setting, change_ms, principal, reason, previous) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (queue_id, setting) DO UPDATE SET change_ms = excluded.change_ms, principal = excluded.principal,
         reason = excluded.reason, previous = excluded.previous`,
      [queueId, setting, changeMs, principal, reason, previous],
    );
  }

  async function withChanges(entry: QueueEntry): Promise<QueueWithChanges> {
    const [queue] = await queuesOf([entry]);
    return { ...(queue as Queue), settingChanges: await changesOf(entry.id) };
  }

  return {
    async getQueue(name) {
      const entry = (await queues.find([name])).get(name);
      return entry === undefined ? null : withChanges(entry);
    },

    async listQueues(cursor, limit) {
      const rows = await db.all<{ name: string }>("SELECT name FROM queue WHERE name > $1 ORDER BY name LIMIT $2", [
        cursor ?? "",
        limit,
      ]);
      const found = await queues.find(rows.map(({ name }) => name));
      return queuesOf([...found.values()]);
    },

    async updateQueue(name, update, allowMissing, nowMs, author = unknownAuthor) {
      const found = allowMissing ? await queues.ensure([name], nowMs) : await queues.find([name]);
      const entry = found.get(name);
      if (entry === undefined) return null;
      if (Object.keys(update).length === 0) return withChanges(entry);
      // Two servers that change a queue do it one after the other.
      await changed("settings");
      const known = await changesOf(entry.id);
      for (const change of settingChanges(entry.settings, update, author, known, nowMs))
        await putChange(entry.id, change);
      await queues.update(entry, { ...entry.settings, ...update }, nowMs);
      return withChanges(entry);
    },
  };
}
