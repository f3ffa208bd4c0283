import type { Instance } from "../../domain/instance.ts";

/** An instance that clients can be sent to. */
export interface Endpoint {
  /** An IPv4 or IPv6 address, without brackets. */
  readonly ip: string;
  readonly port: number;
  /** Above 0. */
  readonly weight: number;
  readonly health: "healthy" | "unhealthy" | "draining";
  /** Empty: its instance does not say. */
  readonly region: string;
  readonly zone: string;
  /** Whether it reports its load to its clients. */
  readonly reportsLoad: boolean;
}

/** Where a client or an instance runs. Empty: it does not say. */
export interface Place {
  readonly region: string;
  readonly zone: string;
}

/** Endpoints that clients treat alike. */
export interface Locality extends Place {
  /** Tells it from others of the same place; never empty, since clients refuse a locality without a name. */
  readonly subZone: string;
  /** Its share of the calls among those of its priority; at least 1, since clients skip one without. */
  readonly weight: number;
  /** 0: it is called as long as it has a healthy endpoint; others then, in order, without gaps. */
  readonly priority: number;
  readonly endpoints: readonly Endpoint[];
}

/** How endpoints are grouped. */
export interface Grouping {
  /**
   * Whether endpoints get calls by their weights. Clients of gRPC overlook the weights of endpoints in round robin, and heed those of
   * localities: endpoints of equal weight in one place are then one locality. Otherwise all that are as far from the client are one, since
   * clients spread calls over localities before they look at endpoints.
   */
  readonly byWeight: boolean;
  /** Where the client runs. */
  readonly client: Place;
}

/** Where an instance runs, by its metadata. */
export function placeOf({ metadata }: Pick<Instance, "metadata">): Place {
  return { region: metadata.region ?? "", zone: metadata.zone ?? "" };
}

/** Whether an instance reports its load to its clients, by its metadata. */
export function reportsLoad({ metadata }: Pick<Instance, "metadata">): boolean {
  return metadata.load_reports === "orca";
}

/**
 * Groups endpoints for a client: those of its own zone first, then those of its region, then all others. A client that does not say where it
 * runs calls all alike.
 */
export function localitiesOf(endpoints: readonly Endpoint[], { byWeight, client }: Grouping): Locality[] {
  const groups = Map.groupBy(endpoints, (endpoint) => {
    const { region, zone, weight } = endpoint;
    return JSON.stringify([distanceOf(client, endpoint), ...(byWeight ? [region, zone, weight] : [])]);
  });
  const distances = [...new Set(endpoints.map((endpoint) => distanceOf(client, endpoint)))].sort();
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const usable = group.filter(({ health }) => health === "healthy");
    return {
      region: common(group.map(({ region }) => region)),
      zone: common(group.map(({ zone }) => zone)),
      subZone: byWeight ? `weight-${first.weight}` : "all",
      // One alone has all calls, whatever its weight, which some clients multiply with those of its endpoints.
      weight: byWeight ? Math.max(1, sum(usable.map(({ weight }) => weight))) : 1,
      priority: distances.indexOf(distanceOf(client, first)),
      endpoints: group,
    };
  });
}

/**
 * How far each of these places is from a client: clients with the same answer are sent the same. There are hardly more answers than places,
 * wherever clients say that they run.
 */
export function distancesFrom(client: Place, places: readonly Place[]): string {
  return places.map((place) => distanceOf(client, place)).join("");
}

/** The places of endpoints, each once. */
export function placesOf(endpoints: readonly Endpoint[]): Place[] {
  const places = new Map<string, Place>();
  for (const { region, zone } of endpoints) places.set(JSON.stringify([region, zone]), { region, zone });
  return [...places.values()];
}

/** What the weights of all endpoints may be together: clients refuse a list with more. */
const mostWeight = 0xffff_ffff;

/** Endpoints with smaller weights in the same proportion, where they are too much together. */
export function withinBounds(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const total = sum(endpoints.map(({ weight }) => weight));
  if (total <= mostWeight) return endpoints;
  // Those that come to less than 1 are 1.
  const divisor = total / (mostWeight - endpoints.length);
  return endpoints.map((endpoint) => ({ ...endpoint, weight: Math.max(1, Math.floor(endpoint.weight / divisor)) }));
}

/** 0: the same zone; 1: the same region; 2: elsewhere. Where one does not say, nothing is known to be elsewhere but what says so. */
function distanceOf(client: Place, { region, zone }: Place): number {
  if (client.region === "" && client.zone === "") return 0;
  const sameRegion = client.region === region || client.region === "" || region === "";
  if (client.zone !== "" && client.zone === zone && sameRegion) return 0;
  if (client.region !== "" && client.region === region) return client.zone === "" ? 0 : 1;
  return 2;
}

/** What all of these names are; empty where they differ. */
function common([first = "", ...others]: readonly string[]): string {
  return others.every((other) => other === first) ? first : "";
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
