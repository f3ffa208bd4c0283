import { taskStates } from "../../../domain/tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import type { AdoptingVerbs } from "../engine/set-verbs.ts";

/** How long the row of a server is kept that has ended, for people who look for it, in milliseconds: a day. */
const keptMs = 86_400_000;

/** Creates the verb `foldCounts`. */
export function createFoldCounts({ db, serverId }: Pick<Engine, "db" | "serverId">): AdoptingVerbs["foldCounts"] {
  /** Adds the rows of these servers to those of this one. What they add up to is the same at every moment. */
  async function fold(
    table: string,
    key: string,
    counts: readonly string[],
    servers: readonly number[],
  ): Promise<void> {
    await db.run(
      `WITH folded AS (DELETE FROM ${table} WHERE server_id = ANY($2) RETURNING *)
       INSERT INTO ${table} (${key}, server_id, ${counts.join(", ")})
       SELECT ${key}, $1, ${counts.map((count) => `sum(${count})`).join(", ")} FROM folded GROUP BY ${key} ORDER BY ${key}
       ON CONFLICT (${key}, server_id) DO UPDATE SET ${counts.map((count) => `${count} = ${table}.${count} + excluded.${count}`).join(", ")}`,
      [serverId, servers],
    );
  }

  return async (servers) => {
    await fold("queue_count", "queue_id", taskStates, servers);
    await fold("delivery_count", "queue_id, subscription_id", ["waiting", "running", "failed"], servers);
    await db.run("UPDATE server SET is_taken = true WHERE id = ANY($1)", [servers]);
    await db.run(
      `DELETE FROM server WHERE end_ms < (SELECT max(end_ms) FROM server WHERE id = ANY($1)) - $2 AND is_taken`,
      [servers, keptMs],
    );
  };
}
