import type { InstanceKey, Registration } from "../../../domain/instance.ts";
import type { RegistryChanges } from "../../cluster-store.ts";
import type { Engine } from "../engine/engine.ts";
import { type InstanceRow, toRegistration } from "./instances.ts";
import { type ServiceRow, toStoredService } from "./services.ts";

type Reads = Pick<Engine["db"], "all">;

/** A change, with the instance and the settings that it is about as they are now; `null`: they are not there. */
interface ChangeRow {
  readonly n: number;
  readonly key_service: string;
  readonly key_id: string;
  readonly instance: InstanceRow | null;
  readonly settings: ServiceRow | null;
}

/** See ClusterStore.registryChanges. */
export async function readRegistryChanges(db: Reads, since: number | null): Promise<RegistryChanges> {
  if (since === null) return readAll(db);
  const rows = await db.all<ChangeRow>(
    `SELECT n, change.service AS key_service, change.id AS key_id, to_json(stored) AS instance, to_json(settings) AS settings
     FROM registry_change AS change
     LEFT JOIN instance AS stored ON stored.service = change.service AND stored.id = change.id
     LEFT JOIN service AS settings ON change.id = '' AND settings.name = change.service
     WHERE n > $1 ORDER BY n`,
    [since],
  );
  const [first] = rows;
  if (first === undefined) {
    return { revision: since, isWhole: false, registrations: [], removed: [], services: [] };
  }
  // Those before were forgotten meanwhile.
  if (first.n !== since + 1) return readAll(db);
  const registrations: Registration[] = [];
  const removed: InstanceKey[] = [];
  const services: ServiceRow[] = [];
  for (const { key_service: serviceName, key_id: instanceId, instance, settings } of rows) {
    if (instance !== null) registrations.push(toRegistration(instance));
    else if (instanceId !== "") removed.push({ serviceName, instanceId });
    else if (settings !== null) services.push(settings);
  }
  return {
    revision: rows.at(-1)?.n ?? since,
    isWhole: false,
    registrations,
    removed,
    services: services.map(toStoredService),
  };
}

/** The revision is read first: what is changed meanwhile comes again. */
async function readAll(db: Reads): Promise<RegistryChanges> {
  const [row] = await db.all<{ services: number }>("SELECT services FROM revision");
  const instances = await db.all<InstanceRow>("SELECT * FROM instance ORDER BY service, id");
  const services = await db.all<ServiceRow>("SELECT * FROM service ORDER BY name");
  return {
    revision: row?.services ?? 0,
    isWhole: true,
    registrations: instances.map(toRegistration),
    removed: [],
    services: services.map(toStoredService),
  };
}
