import type { InstanceKey, Registration } from "../domain/instance.ts";

/**
 * The part of the store that remembers who is registered, under the same promises as the rest of it. Whether they are alive and
 * what they do is not stored: it is heard of again soon enough after a restart.
 */
export interface RegistryStore {
  /** Stores registrations, each in the place of the one of the same service and id; answers whether there was one. */
  putInstances(registrations: readonly Registration[]): Promise<("created" | "replaced")[]>;
  /** Forgets registrations. */
  deleteInstances(keys: readonly InstanceKey[]): Promise<("deleted" | "not_found")[]>;
  /** Every registration, by service and id. */
  instances(): Promise<Registration[]>;
}
