import { lookup } from "node:dns/promises";
import type { Clock } from "../../domain/clock.ts";
import type { FanOut } from "../../domain/fan-out.ts";
import type { Registry } from "../../registry/registry.ts";
import { Addresses, type LookUp } from "./addresses.ts";
import { Catalog } from "./catalog.ts";

/** As this machine resolves names: the addresses of a host, those first that it prefers. */
const byThisMachine: LookUp = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** Creates the catalog of a registry. */
export function createCatalog(registry: Registry, fanOut: FanOut, clock: Pick<Clock, "after">): Catalog {
  return new Catalog({
    registry,
    fanOut,
    addresses: (onChange) => new Addresses(byThisMachine, clock, onChange),
    balancingOf: () => ({ balancing: { policy: "round_robin" }, byWeight: true }),
  });
}
