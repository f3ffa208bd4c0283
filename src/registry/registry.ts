import { type Cluster, noCluster } from "../cluster/cluster.ts";
import { limits } from "../contract/limits.ts";
import type { Clock } from "../domain/clock.ts";
import {
  hasMetadata,
  type Instance,
  type InstanceFilter,
  type InstanceKey,
  type InstanceState,
  isBehind,
  type ServiceFilter,
} from "../domain/instance.ts";
import type { Log } from "../domain/log.ts";
import type { Random } from "../domain/random.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service, startAll, stopAll } from "../domain/service.ts";
import type { ClusterStore } from "../store/cluster-store.ts";
import type { RegistryStore } from "../store/registry-store.ts";
import { createHealthCheck, type HealthCheck, type Probe } from "./health-check.ts";
import { createInstanceFeed, type InstanceFeed } from "./instance-feed.ts";
import { createInstancePicker, type InstancePicker } from "./instance-picker.ts";
import { InstanceTable } from "./instance-table.ts";
import { LocalWrites } from "./local-writes.ts";
import { instanceOf, type Member } from "./member.ts";
import { Registrations } from "./registrations.ts";
import { createReservations, type Reservations } from "./reservations.ts";
import { createServices, type Services } from "./services.ts";
import { shareRegistry } from "./shared-registry.ts";
import { nothingShared } from "./sharing.ts";
import { type WorkerInstances, WorkerMembers } from "./worker-members.ts";

/** The load of one service. The sums are over its healthy instances. */
export interface ServiceLoad {
  readonly serviceName: string;
  readonly instances: number;
  readonly healthy: number;
  readonly draining: number;
  readonly capacity: number;
  readonly load: number;
}

/**
 * Which instances there are, how they are, and which of them to call. Its start takes over what is on the disk: no call may come
 * before.
 */
export interface Registry extends Service {
  readonly registrations: Registrations;
  readonly workers: WorkerInstances;
  readonly feed: InstanceFeed;
  readonly services: Services;
  readonly health: HealthCheck;
  /** Lists up to `limit` instances that match, by service and id, from after `after`; `null`: from the first. */
  discover(
    filter: InstanceFilter & { readonly includeUnhealthy: boolean },
    after: InstanceKey | null,
    limit: number,
  ): Instance[];
  /** See InstancePicker. */
  pick: InstancePicker["pick"];
  /** See Reservations. */
  release: Reservations["release"];
  /** See Reservations.get. */
  reservation: Reservations["get"];
  /** The names of all services that have instances or settings, sorted. */
  names(): readonly string[];
  /** Sums up the load of each service that is meant, by name. */
  statistics(filter: ServiceFilter): ServiceLoad[];
  /** How many instances there are in each state. */
  countByState(): Record<InstanceState, number>;
}

/** What the registry needs. */
export interface RegistryOptions {
  readonly store: RegistryStore & { readonly cluster?: Pick<ClusterStore, "registryChanges"> | null };
  /** The servers that share the store. Default: none does. */
  readonly cluster?: Cluster;
  readonly clock: Clock;
  readonly random: Random;
  readonly retries: Retries;
  readonly log: Log;
  readonly probe: Probe;
}

/** Creates the registry over a store. */
export function createRegistry(options: RegistryOptions): Registry {
  const { store, clock, random, retries, log, probe, cluster = noCluster } = options;
  const reservations = createReservations(clock, random);
  const epoch = `${clock.now().toString(36)}-${Math.floor(random() * 2 ** 48).toString(36)}`;
  const feed: InstanceFeed = createInstanceFeed(epoch, (filter) => [...matching(filter)].map(instanceOf));
  const table = new InstanceTable(random, { onChange: feed.push, onRemoved: reservations.forget });
  const writes = new LocalWrites();
  const shared = store.cluster == null ? null : shareRegistry({ store: store.cluster, cluster, clock, log, writes });
  const sharing = shared?.sharing ?? nothingShared;
  const registrations = new Registrations({ store, clock, retries, log, table, reservations, writes, sharing });
  const workers = new WorkerMembers(table, cluster, clock);

  function servicesOf(filter: ServiceFilter): readonly string[] {
    const { serviceName, allowsService } = filter;
    if (serviceName !== null) return [serviceName];
    return allowsService === undefined ? table.services() : table.services().filter(allowsService);
  }

  function* matching(filter: InstanceFilter): Generator<Member, void> {
    for (const serviceName of servicesOf(filter)) {
      for (const member of table.members(serviceName)) if (hasMetadata(member, filter.metadata)) yield member;
    }
  }

  const services = createServices(store, clock, writes, sharing);
  const parts = [
    reservations,
    workers,
    services,
    registrations,
    ...(shared === null ? [] : [shared.over(registrations, services)]),
    feed,
  ];
  const service = createService({ start: () => startAll(parts), stop: () => stopAll(parts) });

  return {
    ...service,
    registrations,
    workers,
    feed,
    services,
    health: createHealthCheck(table, clock, probe),
    pick: createInstancePicker(table, reservations, clock).pick,
    release: reservations.release,
    reservation: reservations.get,

    discover(filter, after, limit) {
      const page: Instance[] = [];
      for (const member of matching(filter)) {
        if (page.length >= limit) break;
        if (after !== null && !isBehind(member.key, after)) continue;
        if (filter.includeUnhealthy || member.state === "healthy") page.push(instanceOf(member));
      }
      return page;
    },

    countByState: () => countStates(table.services().flatMap((service) => table.members(service))),

    names: () => [...new Set([...table.services(), ...services.names()])].sort(),

    statistics: (filter) =>
      servicesOf(filter)
        .slice(0, limits.listedServices)
        .flatMap((name) => {
          const members = table.members(name);
          return members.length === 0 ? [] : loadOf(name, members);
        }),
  };
}

function loadOf(serviceName: string, members: readonly Member[]): ServiceLoad {
  const counts = countStates(members);
  const healthy = members.filter(({ state }) => state === "healthy");
  const sum = (what: "capacity" | "load") => healthy.reduce((total, member) => total + member[what], 0);
  return {
    serviceName,
    instances: members.length,
    healthy: counts.healthy,
    draining: counts.draining,
    capacity: sum("capacity"),
    load: sum("load"),
  };
}

function countStates(members: readonly Member[]): Record<InstanceState, number> {
  const counts: Record<InstanceState, number> = { healthy: 0, draining: 0, unhealthy: 0 };
  for (const { state } of members) counts[state]++;
  return counts;
}
