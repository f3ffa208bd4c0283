import { balancingStrategies } from "../../../domain/balancing/balancing.ts";
import type { StoredService } from "../../../domain/balancing/service-settings.ts";
import type { RegistryStore } from "../../registry-store.ts";
import type { Engine } from "../engine/engine.ts";
import { noteChanges } from "./note-changes.ts";

/** A row of `service`. */
export interface ServiceRow {
  readonly name: string;
  readonly strategy: string;
  readonly hash_header: string;
  readonly update_ms: number;
}

/** Creates the verbs of the settings of services. */
export function createServices({ db }: Pick<Engine, "db">): Pick<RegistryStore, "putService" | "services"> {
  return {
    async putService({ name, strategy, hashHeader, updateMs }, replaced) {
      const n = await db.run(
        `INSERT INTO service (name, strategy, hash_header, update_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (name) DO UPDATE SET strategy = excluded.strategy, hash_header = excluded.hash_header, update_ms = excluded.update_ms
         WHERE service.update_ms = $5`,
        [name, strategy ?? "", hashHeader, updateMs, replaced],
      );
      if (n === 0) return "changed";
      noteChanges(db, [{ serviceName: name, instanceId: "" }]);
      return "stored";
    },

    services: async () =>
      (await db.all<ServiceRow>("SELECT name, strategy, hash_header, update_ms FROM service ORDER BY name")).map(
        toStoredService,
      ),
  };
}

/** The settings in a row. */
export function toStoredService({ name, strategy, hash_header, update_ms }: ServiceRow): StoredService {
  // What a newer version stored is as if none were chosen.
  const known = balancingStrategies.find((each) => each === strategy) ?? null;
  return { name, strategy: known, hashHeader: known === "sticky" ? hash_header : "", updateMs: update_ms };
}
