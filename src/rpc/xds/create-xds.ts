import { lookup } from "node:dns/promises";
import type { AggregatedDiscoveryService } from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { defaultServiceSettings, type ServiceSettings } from "../../domain/balancing/service-settings.ts";
import type { Clock } from "../../domain/clock.ts";
import type { FanOut } from "../../domain/fan-out.ts";
import type { Log } from "../../domain/log.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import type { Registry } from "../../registry/registry.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import type { XdsClients } from "../registry/service.ts";
import { Addresses, type LookUp } from "./addresses.ts";
import { type AdsOptions, adsHandlers } from "./ads-service.ts";
import { AdsTally } from "./ads-tally.ts";
import { Catalog, type ServiceBalancing } from "./catalog.ts";
import { Nacks } from "./nacks.ts";
import { xdsClients } from "./xds-clients.ts";

/** The registry as clients of xDS see it. */
export interface Xds {
  readonly handlers: ServiceHandlers<typeof AggregatedDiscoveryService, RpcContext>;
  /** How its clients do, by service. */
  readonly clients: XdsClients;
  readonly tally: AdsTally;
}

/** What it is made of, beside what streams need. */
export interface XdsOptions extends Pick<AdsOptions, "watchers" | "maxIdleMessages"> {
  readonly registry: Registry;
  readonly fanOut: FanOut;
  readonly clock: Clock;
  readonly log: Log;
}

/** Creates what serves clients of xDS. */
export function createXds({ registry, fanOut, clock, log, watchers, maxIdleMessages }: XdsOptions): Xds {
  const catalog = createCatalog(registry, fanOut, clock);
  const nacks = new Nacks(clock, log);
  const tally = new AdsTally();
  const { stopped } = registry.feed;
  return {
    handlers: adsHandlers({ catalog, nacks, tally, watchers, clock, log, maxIdleMessages, stopped }),
    clients: xdsClients(catalog, nacks),
    tally,
  };
}

/** As this machine resolves names: the addresses of a host, those first that it prefers. */
const byThisMachine: LookUp = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

function createCatalog(registry: Registry, fanOut: FanOut, clock: Pick<Clock, "after" | "monotonic">): Catalog {
  const catalog = new Catalog({
    registry,
    fanOut,
    clock,
    addresses: (onChange) => new Addresses(byThisMachine, clock, onChange),
    balancingOf: (service) => balancingOf(registry.services.settingsOf(service)),
    defaultBalancing: balancingOf(defaultServiceSettings).balancing,
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
