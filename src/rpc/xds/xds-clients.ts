import type { InstanceKey } from "../../domain/instance.ts";
import type { XdsClients } from "../registry/service.ts";
import type { Catalog } from "./catalog.ts";
import type { Nacks } from "./nacks.ts";

/** Says how the clients of services do. */
export function xdsClients(catalog: Catalog, nacks: Nacks): XdsClients {
  return {
    countWatchers: (service) => catalog.countWatchers(service),
    refused: (service) => nacks.of(service),
    remarkOf({ serviceName, instanceId }: InstanceKey) {
      const found = catalog.leftOut(serviceName).find((each) => each.instanceId === instanceId);
      return found === undefined ? "" : `left out for clients by xDS: ${found.reason}`;
    },
  };
}
