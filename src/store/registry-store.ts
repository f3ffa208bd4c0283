import type { StoredService } from "../domain/balancing/service-settings.ts";
import type { InstanceKey, MeantRegistration, Registration } from "../domain/instance.ts";

/** Whether a registration drains from now on. */
export interface DrainingChange extends InstanceKey {
  readonly registrationId: string;
  readonly isDraining: boolean;
}

/**
 * The part of the store that remembers who is registered and who of them drains, under the same promises as the rest of it. Whether they
 * are alive and what they do is not stored: it is heard of again soon enough after a restart.
 */
export interface RegistryStore {
  /**
   * Stores registrations, each in the place of the one of the same service and id.
   *
   * @returns `created`: there was none; `renewed`: there was one with the same registration id; `replaced`: with another
   */
  putInstances(registrations: readonly Registration[]): Promise<("created" | "renewed" | "replaced")[]>;
  /**
   * Deletes registrations.
   *
   * @returns `replaced`: another one than was meant has its place, and stays
   */
  deleteInstances(meant: readonly MeantRegistration[]): Promise<("deleted" | "not_found" | "replaced")[]>;
  /**
   * Sets whether registrations drain.
   *
   * @returns `replaced`: another one than was meant has its place, and is as it was
   */
  setDraining(changes: readonly DrainingChange[]): Promise<("set" | "not_found" | "replaced")[]>;
  /** Every registration, by service and id. */
  instances(): Promise<Registration[]>;
  /**
   * Stores the settings of a service.
   *
   * @param replaced the update time of those that they replace; null: it has none yet. Their own update time is another one
   * @returns `changed`: it has others by now, of another server, which stay
   */
  putService(service: StoredService, replaced: number | null): Promise<"stored" | "changed">;
  /** The settings of every service that has any, by name. */
  services(): Promise<StoredService[]>;
}
