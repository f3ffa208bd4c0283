import { isIP } from "node:net";
import { parseHostPort } from "../../contract/host-port.ts";
import type { Instance } from "../../domain/instance.ts";
import type { Addresses } from "./addresses.ts";
import { type Endpoint, placeOf, reportsLoad, withinBounds } from "./localities.ts";

/** An instance that clients of xDS do not see, and why. */
export interface LeftOut {
  readonly instanceId: string;
  readonly reason: string;
}

/** What clients of xDS are sent of the instances of a service. */
export interface Callable {
  readonly endpoints: readonly Endpoint[];
  readonly leftOut: readonly LeftOut[];
  /** The host names of the instances, which are looked up. */
  readonly hosts: readonly string[];
}

/** The longest zone or region of an instance: it stands in what every client is sent. */
const mostPlaceBytes = 100;

/** An instance that clients are sent. */
interface CalledInstance {
  readonly instance: Instance;
  readonly endpoint: Endpoint;
}

/** Finds those of the instances of a service that clients can be sent to: what one client of xDS would refuse is left out for it alone. */
export function callableOf(instances: readonly Instance[], addresses: Pick<Addresses, "resolve">): Callable {
  const endpoints = new Map<string, CalledInstance>();
  const leftOut: LeftOut[] = [];
  const hosts: string[] = [];
  for (const instance of instances) {
    const endpoint = endpointOf(instance, addresses, hosts);
    if (typeof endpoint === "string") {
      leftOut.push({ instanceId: instance.instanceId, reason: endpoint });
      continue;
    }
    const address = `${endpoint.ip} ${endpoint.port}`;
    const other = endpoints.get(address);
    const called = { instance, endpoint };
    // Clients refuse a list that has an address twice.
    const [used, hidden] = other === undefined ? [called] : oneOfAddress(other, called);
    endpoints.set(address, used);
    if (hidden === undefined) continue;
    const reason = `instance ${used.instance.instanceId} has the same address`;
    leftOut.push({ instanceId: hidden.instance.instanceId, reason });
  }
  return { endpoints: withinBounds([...endpoints.values()].map(({ endpoint }) => endpoint)), leftOut, hosts };
}

/**
 * Of two instances with one address the one that answers there first. A process that was restarted may have another name than before;
 * its old registration is silent until it is removed.
 */
function oneOfAddress(a: CalledInstance, b: CalledInstance): readonly [CalledInstance, CalledInstance] {
  const rank = { healthy: 2, draining: 1, unhealthy: 0 };
  const [rankA, rankB] = [rank[a.instance.state], rank[b.instance.state]];
  const isNewer = b.instance.registerMs > a.instance.registerMs;
  return rankB > rankA || (rankB === rankA && isNewer) ? [b, a] : [a, b];
}

/** An instance as an endpoint, or why it is none. Host names are added to `hosts`. */
function endpointOf(instance: Instance, addresses: Pick<Addresses, "resolve">, hosts: string[]): Endpoint | string {
  const { address, weight, state } = instance;
  if (address === "") return "it has no address";
  const place = parseHostPort(address);
  if (place === undefined || place.port === 0) return `${address} is no address of a host and a port`;
  const where = placeOf(instance);
  if (Object.values(where).some((name) => Buffer.byteLength(name) > mostPlaceBytes)) {
    return `its zone or region has more than ${mostPlaceBytes} bytes`;
  }
  const resolved = addresses.resolve(place.host);
  if (isIP(place.host) === 0) hosts.push(place.host);
  if (resolved === null || "problem" in resolved)
    return resolved?.problem ?? `the name ${place.host} is being looked up`;
  return {
    ip: resolved.ip,
    port: place.port,
    weight: Math.max(1, weight),
    health: state,
    ...where,
    reportsLoad: reportsLoad(instance),
  };
}
