import type { BalancingStrategy } from "../domain/balancing/balancing.ts";
import type { Clock } from "../domain/clock.ts";
import { hasMetadata, type Instance } from "../domain/instance.ts";
import { noHealthyInstance, serviceFull, serviceNotFound } from "../domain/refusals/registry.ts";
import { candidatesOf, type InstanceTable } from "./instance-table.ts";
import { instanceOf, type Member } from "./member.ts";
import type { Reservations } from "./reservations.ts";

/** Whom to choose from, and how. */
export interface PickQuery {
  readonly serviceName: string;
  readonly strategy: BalancingStrategy;
  /** What `sticky` keeps on one instance. */
  readonly key: string;
  readonly metadata: Instance["metadata"];
  /** How long a place is reserved, in milliseconds; 0: none is. */
  readonly reservationMs: number;
  /** The name of the principal that picks. */
  readonly holder: string;
}

/** Who was chosen. */
export interface PickedInstance {
  /** The reserved place counted. */
  readonly instance: Instance;
  /** `null`: none was asked for. */
  readonly reservation: { readonly id: string; readonly expireMs: number } | null;
}

/** Chooses instances for callers. */
export interface InstancePicker {
  /**
   * Chooses an instance and reserves a place on it in one step: no other call comes in between. One without an address is chosen
   * only where none has one.
   *
   * @throws SitqError SERVICE_NOT_FOUND, NO_HEALTHY_INSTANCE, SERVICE_FULL
   */
  pick(query: PickQuery): PickedInstance;
}

/** Creates the picker of a table's instances. */
export function createInstancePicker(table: InstanceTable, reservations: Reservations, clock: Clock): InstancePicker {
  return {
    pick({ serviceName, strategy, key, metadata, reservationMs, holder }) {
      const members = table.members(serviceName);
      const isAny = isEmpty(metadata);
      const matching = isAny ? members : members.filter((member) => hasMetadata(member, metadata));
      if (matching.length === 0) throw serviceNotFound(serviceName);
      const healthy = isAny ? table.candidates(serviceName) : candidatesOf(matching);
      if (healthy.length === 0) throw noHealthyInstance(serviceName, matching.length, countDraining(matching));
      const member = table.balancer(serviceName).pick(strategy, healthy, key);
      if (member === null) throw serviceFull(serviceName, healthy.length);
      const reservation =
        reservationMs === 0
          ? null
          : { id: reservations.reserve(member, holder, reservationMs), expireMs: clock.now() + reservationMs };
      return { instance: instanceOf(member), reservation };
    },
  };
}

function countDraining(members: readonly Member[]): number {
  return members.filter(({ state }) => state === "draining").length;
}

function isEmpty(metadata: Instance["metadata"]): boolean {
  for (const _ in metadata) return false;
  return true;
}
