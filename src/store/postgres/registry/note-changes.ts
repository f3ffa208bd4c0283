import type { InstanceKey } from "../../../domain/instance.ts";
import type { Engine } from "../engine/engine.ts";

/** How many changes the other servers can be behind before they read everything. */
const keptChanges = 10_000;

/**
 * Notes for the other servers which instances change by the open transaction; an empty id stands for the settings of the service. The row of
 * the revision is locked to the commit: the numbers are in the order of the commits, without gaps.
 */
export function noteChanges(db: Engine["db"], keys: readonly InstanceKey[]): void {
  if (keys.length === 0) return;
  db.send(
    `WITH revised AS (UPDATE revision SET services = services + 1 RETURNING services AS n),
     forgotten AS (DELETE FROM registry_change USING revised WHERE registry_change.n <= revised.n - ${keptChanges})
     INSERT INTO registry_change (n, service, id)
     SELECT DISTINCT n, service, id FROM revised, unnest($1::text[], $2::text[]) AS changed (service, id)`,
    [keys.map(({ serviceName }) => serviceName), keys.map(({ instanceId }) => instanceId)],
  );
}
