import type { Registration } from "../../../domain/instance.ts";
import type { RegistryStore } from "../../registry-store.ts";
import { readJson } from "../../rows/json-column.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";

interface InstanceRow {
  readonly service: string;
  readonly id: string;
  readonly registration_id: string;
  readonly address: string;
  readonly capacity: number;
  readonly weight: number;
  readonly metadata: string;
  readonly ttl_ms: number;
  readonly draining: number;
  readonly register_ms: number;
}

/** Creates the verbs of the registry on an open database. */
export function createInstances({ db }: Pick<Engine, "db">): {
  readonly [Name in "putInstances" | "deleteInstances" | "setDraining" | "instances"]: SyncVerb<RegistryStore[Name]>;
} {
  const columns = "service, id, registration_id, address, capacity, weight, metadata, ttl_ms, draining, register_ms";
  const find = db.prepare<[string, string], Pick<InstanceRow, "registration_id" | "register_ms">>(
    "SELECT registration_id, register_ms FROM instance WHERE service = ? AND id = ?",
  );
  const put = db.prepare<[InstanceRow]>(
    `INSERT OR REPLACE INTO instance (${columns})
     VALUES (@service, @id, @registration_id, @address, @capacity, @weight, @metadata, @ttl_ms, @draining, @register_ms)`,
  );
  const drain = db.prepare<[number, string, string]>("UPDATE instance SET draining = ? WHERE service = ? AND id = ?");
  const remove = db.prepare<[string, string]>("DELETE FROM instance WHERE service = ? AND id = ?");
  const selectAll = db.prepare<[], InstanceRow>(`SELECT ${columns} FROM instance ORDER BY service, id`);

  return {
    putInstances: (registrations) =>
      registrations.map((registration) => {
        const known = find.get(registration.serviceName, registration.instanceId);
        put.run(toRow(registration));
        if (known === undefined) return "created";
        return known.registration_id === registration.registrationId ? "renewed" : "replaced";
      }),

    deleteInstances: (meant) =>
      meant.map(({ serviceName, instanceId, registrationId, registerMs }) => {
        const known = find.get(serviceName, instanceId);
        if (known === undefined) return "not_found";
        if (registrationId !== null && known.registration_id !== registrationId) return "replaced";
        if (registerMs !== undefined && known.register_ms !== registerMs) return "replaced";
        remove.run(serviceName, instanceId);
        return "deleted";
      }),

    setDraining: (changes) =>
      changes.map(({ serviceName, instanceId, registrationId, isDraining }) => {
        const known = find.get(serviceName, instanceId);
        if (known === undefined) return "not_found";
        if (known.registration_id !== registrationId) return "replaced";
        drain.run(isDraining ? 1 : 0, serviceName, instanceId);
        return "set";
      }),

    instances: () => selectAll.all().map(fromRow),
  };
}

function toRow({
  serviceName,
  instanceId,
  registrationId,
  metadata,
  ttlMs,
  isDraining,
  registerMs,
  ...facts
}: Registration): InstanceRow {
  const { address, capacity, weight } = facts;
  const times = { ttl_ms: ttlMs, register_ms: registerMs };
  return {
    service: serviceName,
    id: instanceId,
    registration_id: registrationId,
    address,
    capacity,
    weight,
    metadata: JSON.stringify(metadata),
    draining: isDraining ? 1 : 0,
    ...times,
  };
}

function fromRow(row: InstanceRow): Registration {
  const { service, id, registration_id, metadata, ttl_ms, draining, register_ms, address, capacity, weight } = row;
  return {
    serviceName: service,
    instanceId: id,
    registrationId: registration_id,
    address,
    capacity,
    weight,
    // Without what is damaged, until it registers anew.
    metadata: readJson<Record<string, string>>(metadata) ?? {},
    ttlMs: ttl_ms,
    isDraining: draining === 1,
    registerMs: register_ms,
  };
}
