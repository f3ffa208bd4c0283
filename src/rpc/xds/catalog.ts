import type { Any } from "@bufbuild/protobuf/wkt";
import type { Clock } from "../../domain/clock.ts";
import type { FanOut } from "../../domain/fan-out.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Addresses } from "./addresses.ts";
import { callableOf, type LeftOut } from "./callable.ts";
import { distancesFrom, type Endpoint, localitiesOf, type Place, placesOf } from "./localities.ts";
import { assignmentOf, type Balancing, clusterOf, listenerOf, type ResourceType, routeOf } from "./resources.ts";
import { ReturningServices } from "./returning-services.ts";

/** How clients balance the calls to a service. */
export interface ServiceBalancing {
  readonly balancing: Balancing;
  /** Whether instances get calls by their weights. */
  readonly byWeight: boolean;
}

/** Where the catalog reads from. */
export interface CatalogSources {
  readonly registry: Pick<Registry, "discover" | "feed">;
  readonly fanOut: FanOut;
  readonly clock: Pick<Clock, "after" | "monotonic">;
  readonly addresses: (onChange: () => void) => Addresses;
  readonly balancingOf: (service: string) => ServiceBalancing;
  /** That of a service without settings. */
  readonly defaultBalancing: Balancing;
}

/** What follows a service. */
export interface CatalogWatcher {
  /** Sends what has changed of these services; answers about how many bytes. */
  refresh(services: ReadonlySet<string>): number;
}

/** What does not depend on the instances of a service. */
type Fixed = Readonly<Record<Exclude<ResourceType, "assignment">, Any>>;

/** What clients are sent of a service. Each resource is the same object until it changes. */
interface View {
  readonly endpoints: readonly Endpoint[];
  readonly leftOut: readonly LeftOut[];
  /** Whether the host name of one is being looked up for the first time. */
  readonly isPending: boolean;
  /** Whether an instance can be called. */
  readonly isCallable: boolean;
  /** There also while no instance can be called: clients see by the assignment that there is none, and fail at once. */
  readonly fixed: Fixed;
  readonly byWeight: boolean;
  readonly weighsEndpoints: boolean;
  /** Where the endpoints are. */
  readonly places: readonly Place[];
  /** By how far these are from the client. */
  readonly assignments: Map<string, Any>;
}

/** What a message of a watcher costs in a round, beside its bytes. */
const bytesPerUnit = 16_384;

/** How much is kept of what was made of one service. */
const mostKept = 200;

/**
 * The services of the registry as resources of xDS, made when they are asked for, and again when something of them has changed: once for
 * all clients of a place.
 */
export class Catalog {
  readonly #sources: CatalogSources;
  readonly #addresses: Addresses;
  readonly #returning: ReturningServices;
  readonly #views = new Map<string, View>();
  /** The host names of each service that is watched. They outlast its view: a change looks up only names that are new. */
  readonly #hosts = new Map<string, readonly string[]>();
  /** What was made last of each service that is watched, so that what has the same bytes again is the same object. */
  readonly #made = new Map<string, Map<string, Any>>();
  readonly #watchers = new Map<string, Set<CatalogWatcher>>();
  /** The services that have changed since their watchers were refreshed. */
  readonly #changed = new Set<string>();
  #unfollow: (() => void) | null = null;

  /** It follows the registry as long as there are watchers. */
  constructor(sources: CatalogSources) {
    this.#sources = sources;
    this.#addresses = sources.addresses(() => this.#resolvedAnew());
    this.#returning = new ReturningServices(sources.clock, (services) => {
      for (const service of services) this.changed(service);
    });
  }

  /** A resource of a service, whether it has instances or not. Calls for a service that is watched answer the same until it has changed. */
  resource(type: ResourceType, service: string, client: Place): Any {
    const view = this.#viewOf(service);
    if (type !== "assignment") return view.fixed[type];
    const key = distancesFrom(client, view.places);
    const known = view.assignments.get(key);
    if (known !== undefined) return known;
    const { endpoints, byWeight, weighsEndpoints } = view;
    const localities = localitiesOf(endpoints, { byWeight, client });
    const made = this.#asBefore(service, key, assignmentOf(service, localities, weighsEndpoints));
    view.assignments.set(key, made);
    return made;
  }

  /** A resource as it is of a service that has no instances and no settings. */
  absent(type: ResourceType, service: string): Any {
    return type === "assignment"
      ? assignmentOf(service, [], false)
      : fixedOf(service, this.#sources.defaultBalancing)[type];
  }

  /** Whether nothing can be said of a service yet: no instance can be called, and the name of one is being looked up. */
  isPending(service: string): boolean {
    const { isCallable, isPending } = this.#viewOf(service);
    return !isCallable && isPending;
  }

  /** Whether a client that has had instances of a service keeps them for now: none can be called, but its workers may come back. */
  mayReturn(service: string): boolean {
    return !this.isCallable(service) && this.#returning.mayReturn(service);
  }

  /** Whether an instance of a service can be called. */
  isCallable(service: string): boolean {
    return this.#viewOf(service).isCallable;
  }

  /** Whether a service has instances. */
  hasInstances(service: string): boolean {
    const { endpoints, leftOut } = this.#viewOf(service);
    return endpoints.length + leftOut.length > 0;
  }

  /** The instances of a service that clients do not see; empty also where none watches it. */
  leftOut(service: string): readonly LeftOut[] {
    return this.#watchers.has(service) ? this.#viewOf(service).leftOut : [];
  }

  /** How many watch a service. */
  countWatchers(service: string): number {
    return this.#watchers.get(service)?.size ?? 0;
  }

  /** Refreshes a watcher whenever a service has changed. */
  watch(service: string, watcher: CatalogWatcher): void {
    this.#returning.begin();
    this.#unfollow ??= this.#sources.registry.feed.watch({ serviceName: null, metadata: {} }, (changes) => {
      for (const { instance } of changes) this.changed(instance.serviceName);
    });
    const watchers = this.#watchers.get(service) ?? new Set();
    this.#watchers.set(service, watchers.add(watcher));
  }

  /** Ends a watch. */
  unwatch(service: string, watcher: CatalogWatcher): void {
    const watchers = this.#watchers.get(service);
    if (watchers === undefined) return;
    watchers.delete(watcher);
    if (watchers.size > 0) return;
    this.#watchers.delete(service);
    this.#views.delete(service);
    this.#hosts.delete(service);
    this.#made.delete(service);
    this.#followHosts();
    if (this.#watchers.size > 0) return;
    this.#unfollow?.();
    this.#unfollow = null;
    this.#returning.forget();
    this.#views.clear();
  }

  /** Takes in that instances or settings of a service have changed. */
  changed(service: string): void {
    this.#views.delete(service);
    if (!this.#watchers.has(service)) return;
    this.#changed.add(service);
    this.#sources.fanOut.due(this.#round);
  }

  readonly #round = (): Iterator<number, void> => this.#refresh();

  *#refresh(): Generator<number, void> {
    const services = new Set(this.#changed);
    this.#changed.clear();
    const due = new Set<CatalogWatcher>();
    for (const service of services) for (const watcher of this.#watchers.get(service) ?? []) due.add(watcher);
    for (const watcher of due) yield 1 + Math.floor(watcher.refresh(services) / bytesPerUnit);
    this.#followHosts();
  }

  #resolvedAnew(): void {
    for (const [service, hosts] of this.#hosts) if (hosts.length > 0) this.changed(service);
  }

  #followHosts(): void {
    this.#addresses.keepOnly(new Set([...this.#hosts.values()].flat()));
  }

  #viewOf(service: string): View {
    const known = this.#views.get(service);
    if (known !== undefined) return known;
    const view = this.#make(service);
    // Changes of what is not watched are not followed.
    if (this.#watchers.has(service)) this.#views.set(service, view);
    return view;
  }

  #make(service: string): View {
    const { registry, balancingOf } = this.#sources;
    const { balancing: wanted, byWeight } = balancingOf(service);
    const query = { serviceName: service, metadata: {}, includeUnhealthy: true };
    const instances = registry.discover(query, null, Number.MAX_SAFE_INTEGER);
    const { endpoints, leftOut, hosts } = callableOf(instances, this.#addresses);
    if (this.#watchers.has(service)) this.#hosts.set(service, hosts);
    const balancing = withReports(wanted, endpoints);
    const fixed = fixedOf(service, balancing);
    return {
      endpoints,
      leftOut,
      isPending: hosts.some((host) => this.#addresses.resolve(host) === null),
      isCallable: endpoints.some(({ health }) => health === "healthy"),
      fixed: {
        listener: this.#asBefore(service, "listener", fixed.listener),
        route: this.#asBefore(service, "route", fixed.route),
        cluster: this.#asBefore(service, "cluster", fixed.cluster),
      },
      byWeight: byWeight && balancing.policy !== "ring_hash",
      weighsEndpoints: balancing.policy === "ring_hash",
      places: placesOf(endpoints),
      assignments: new Map(),
    };
  }

  /** What was made of the service before, if it has the same bytes. */
  #asBefore(service: string, key: string, made: Any): Any {
    if (!this.#watchers.has(service)) return made;
    const all = this.#made.get(service) ?? new Map<string, Any>();
    this.#made.set(service, all);
    const before = all.get(key);
    if (before !== undefined && Buffer.compare(before.value, made.value) === 0) return before;
    // Places that come and go leave keys behind that no client has any more.
    if (all.size >= mostKept) all.clear();
    all.set(key, made);
    return made;
  }
}

function fixedOf(service: string, balancing: Balancing): Fixed {
  return {
    listener: listenerOf(service, balancing),
    route: routeOf(service, balancing),
    cluster: clusterOf(service, balancing),
  };
}

/**
 * By reported load where all instances report it. Clients give one without reports as many calls as the others have on average, and where
 * fewer than two report they take turns, which is worse than to call the one with fewest calls under way.
 */
function withReports(wanted: Balancing, endpoints: readonly Endpoint[]): Balancing {
  const areReported = endpoints.length > 0 && endpoints.every((endpoint) => endpoint.reportsLoad);
  return wanted.policy === "least_request" && areReported ? { policy: "reported_load" } : wanted;
}
