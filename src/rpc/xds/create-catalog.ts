import { lookup } from "node:dns/promises";
import type { ServiceSettings } from "../../domain/balancing/service-settings.ts";
import type { Clock } from "../../domain/clock.ts";
import type { FanOut } from "../../domain/fan-out.ts";
import type { Registry } from "../../registry/registry.ts";
import { Addresses, type LookUp } from "./addresses.ts";
import { Catalog, type ServiceBalancing } from "./catalog.ts";

/** As this machine resolves names: the addresses of a host, those first that it prefers. */
const byThisMachine: LookUp = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** Creates the catalog of a registry. */
export function createCatalog(registry: Registry, fanOut: FanOut, clock: Pick<Clock, "after">): Catalog {
  const catalog = new Catalog({
    registry,
    fanOut,
    addresses: (onChange) => new Addresses(byThisMachine, clock, onChange),
    balancingOf: (service) => balancingOf(registry.services.settingsOf(service)),
  });
  registry.services.onChange((service) => catalog.changed(service));
  return catalog;
}

/** What the strategies are for clients of gRPC, which have no random one. Without one instances get calls by their weights. */
export function balancingOf({ strategy, hashHeader }: ServiceSettings): ServiceBalancing {
  switch (strategy) {
    case "sticky":
      return { balancing: { policy: "ring_hash", header: hashHeader }, byWeight: false };
    case "least_loaded":
      return { balancing: { policy: "least_request" }, byWeight: false };
    case "round_robin":
    case "random":
      return { balancing: { policy: "round_robin" }, byWeight: false };
    case "weighted":
    case null:
      return { balancing: { policy: "round_robin" }, byWeight: true };
  }
}
