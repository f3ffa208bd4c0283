import { balancingStrategies } from "../../../domain/balancing/balancing.ts";
import type { StoredService } from "../../../domain/balancing/service-settings.ts";
import type { RegistryStore } from "../../registry-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";

interface ServiceRow {
  readonly name: string;
  readonly strategy: string;
  readonly hash_header: string;
  readonly update_ms: number;
}

/** Creates the verbs of the settings of services on an open database. */
export function createServices({ db }: Pick<Engine, "db">): {
  readonly [Name in "putService" | "services"]: SyncVerb<RegistryStore[Name]>;
} {
  const put = db.prepare<[ServiceRow & { readonly replaced: number | null }]>(
    `INSERT INTO service (name, strategy, hash_header, update_ms) VALUES (@name, @strategy, @hash_header, @update_ms)
     ON CONFLICT (name) DO UPDATE SET strategy = excluded.strategy, hash_header = excluded.hash_header, update_ms = excluded.update_ms
     WHERE update_ms = @replaced`,
  );
  const selectAll = db.prepare<[], ServiceRow>(
    "SELECT name, strategy, hash_header, update_ms FROM service ORDER BY name",
  );

  return {
    putService({ name, strategy, hashHeader, updateMs }, replaced) {
      const row = { name, strategy: strategy ?? "", hash_header: hashHeader, update_ms: updateMs };
      return put.run({ ...row, replaced }).changes === 0 ? "changed" : "stored";
    },

    services: () => selectAll.all().map(fromRow),
  };
}

function fromRow({ name, strategy, hash_header, update_ms }: ServiceRow): StoredService {
  // What is damaged, or of a newer version, is as if none were chosen.
  const known = balancingStrategies.find((each) => each === strategy) ?? null;
  return { name, strategy: known, hashHeader: known === "sticky" ? hash_header : "", updateMs: update_ms };
}
