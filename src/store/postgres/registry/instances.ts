import type { Registration } from "../../../domain/instance.ts";
import type { RegistryStore } from "../../registry-store.ts";
import { readJson } from "../../rows/json-column.ts";
import type { Engine } from "../engine/engine.ts";
import { noteChanges } from "./note-changes.ts";

/** A row of `instance`. */
export interface InstanceRow {
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

const columns = "service, id, registration_id, address, capacity, weight, metadata, ttl_ms, draining, register_ms";

/** Creates the verbs of the registry. */
export function createInstances({
  db,
}: Pick<Engine, "db">): Pick<RegistryStore, "putInstances" | "deleteInstances" | "setDraining" | "instances"> {
  function find(service: string, id: string) {
    return db.get<Pick<InstanceRow, "registration_id" | "register_ms">>(
      "SELECT registration_id, register_ms FROM instance WHERE service = $1 AND id = $2 FOR UPDATE",
      [service, id],
    );
  }

  async function put(registration: Registration): Promise<"created" | "renewed" | "replaced"> {
    const {
      serviceName,
      instanceId,
      registrationId,
      address,
      capacity,
      weight,
      metadata,
      ttlMs,
      isDraining,
      registerMs,
    } = registration;
    const known = await find(serviceName, instanceId);
    await db.run(
      `INSERT INTO instance (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (service, id) DO UPDATE SET registration_id = excluded.registration_id, address = excluded.address,
         capacity = excluded.capacity, weight = excluded.weight, metadata = excluded.metadata, ttl_ms = excluded.ttl_ms,
         draining = excluded.draining, register_ms = excluded.register_ms`,
      [
        serviceName,
        instanceId,
        registrationId,
        address,
        capacity,
        weight,
        JSON.stringify(metadata),
        ttlMs,
        isDraining ? 1 : 0,
        registerMs,
      ],
    );
    if (known === undefined) return "created";
    return known.registration_id === registrationId ? "renewed" : "replaced";
  }

  return {
    async putInstances(registrations) {
      const answers: ("created" | "renewed" | "replaced")[] = [];
      for (const registration of registrations) answers.push(await put(registration));
      noteChanges(db, registrations);
      return answers;
    },

    async deleteInstances(meant) {
      const answers: ("deleted" | "not_found" | "replaced")[] = [];
      for (const { serviceName, instanceId, registrationId, registerMs } of meant) {
        const known = await find(serviceName, instanceId);
        const isOther =
          (registrationId !== null && known?.registration_id !== registrationId) ||
          (registerMs !== undefined && known?.register_ms !== registerMs);
        if (known === undefined) answers.push("not_found");
        else if (isOther) answers.push("replaced");
        else {
          await db.run("DELETE FROM instance WHERE service = $1 AND id = $2", [serviceName, instanceId]);
          answers.push("deleted");
        }
      }
      noteChanges(
        db,
        meant.filter((_, index) => answers[index] === "deleted"),
      );
      return answers;
    },

    async setDraining(changes) {
      const answers: ("set" | "not_found" | "replaced")[] = [];
      for (const { serviceName, instanceId, registrationId, isDraining } of changes) {
        const known = await find(serviceName, instanceId);
        if (known === undefined) answers.push("not_found");
        else if (known.registration_id !== registrationId) answers.push("replaced");
        else {
          await db.run("UPDATE instance SET draining = $3 WHERE service = $1 AND id = $2", [
            serviceName,
            instanceId,
            isDraining ? 1 : 0,
          ]);
          answers.push("set");
        }
      }
      noteChanges(
        db,
        changes.filter((_, index) => answers[index] === "set"),
      );
      return answers;
    },

    instances: async () =>
      (await db.all<InstanceRow>(`SELECT ${columns} FROM instance ORDER BY service, id`)).map(toRegistration),
  };
}

/** The registration in a row. */
export function toRegistration(row: InstanceRow): Registration {
  const { service, id, registration_id, metadata, ttl_ms, draining, register_ms, address, capacity, weight } = row;
  return {
    serviceName: service,
    instanceId: id,
    registrationId: registration_id,
    address,
    capacity,
    weight,
    metadata: readJson<Record<string, string>>(metadata) ?? {},
    ttlMs: ttl_ms,
    isDraining: draining === 1,
    registerMs: register_ms,
  };
}
