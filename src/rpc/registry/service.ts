import { create } from "@bufbuild/protobuf";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import {
  type Service,
  ServiceSchema,
  type UpdateServiceRequest,
  XdsStatisticsSchema,
} from "../../../gen/sitq/v1/registry_service_pb.js";
import type { ServiceSettings } from "../../domain/balancing/service-settings.ts";
import { invalidField } from "../../domain/errors.ts";
import type { InstanceKey } from "../../domain/instance.ts";
import type { Registry } from "../../registry/registry.ts";
import { parseQueueName } from "../convert/checks.ts";
import { type ChangeableFields, changesOf } from "../convert/field-mask.ts";
import { parseStrategy, toStrategy } from "../convert/strategy.ts";
import { toTimestamps } from "../convert/times.ts";
import { converted, refuseField } from "../convert/violations.ts";
import { toServiceLoad } from "./instance.ts";

/** How the clients of services by xDS do. */
export interface XdsClients {
  /** How many streams follow a service. */
  countWatchers(service: string): number;
  /** What clients have refused of a service; `null`: nothing. */
  refused(service: string): { readonly count: number; readonly message: string; readonly lastMs: number } | null;
  /** Why clients are not sent an instance; empty: they are, or there are none. */
  remarkOf(instance: InstanceKey): string;
}

const headerPattern = /^[a-z0-9][a-z0-9._-]{0,99}$/;
/** The headers that clients do not hash: binary ones (https://github.com/grpc/proposal/blob/master/A42-xds-ring-hash-lb-policy.md), and those of gRPC itself. */
const notHashed = /^grpc-|-bin$/;

const settings: ChangeableFields<Service, ServiceSettings> = {
  strategy: {
    path: "strategy",
    isSet: () => true,
    read: ({ strategy }) =>
      strategy === BalancingStrategy.UNSPECIFIED ? null : parseStrategy("service.strategy", strategy, "least_loaded"),
  },
  hashHeader: {
    path: "hash_header",
    isSet: () => true,
    read: ({ hashHeader }) => {
      const form = "expected 1 to 100 of lower-case letters, digits, '-', '_' and '.'";
      if (hashHeader !== "" && !headerPattern.test(hashHeader)) refuseField("service.hash_header", form, hashHeader);
      if (notHashed.test(hashHeader)) {
        refuseField("service.hash_header", "expected neither grpc-… nor …-bin, which clients do not hash", hashHeader);
      }
      return hashHeader;
    },
  },
};

/** What an update asks for. @throws SitqError with the field's path */
export function fromServiceUpdate({ service, updateMask }: UpdateServiceRequest): {
  readonly name: string;
  readonly changes: Partial<ServiceSettings>;
} {
  if (service === undefined) throw invalidField("service", "is required");
  return converted(() => ({
    name: parseQueueName("service.name", service.name),
    changes: changesOf(service, updateMask, settings),
  }));
}

/** A service as it goes out. */
export function toService(
  name: string,
  { registry, xds }: { readonly registry: Pick<Registry, "services" | "statistics">; readonly xds: XdsClients },
): Service {
  const { strategy, hashHeader } = registry.services.settingsOf(name);
  const [load] = registry.statistics({ serviceName: name });
  const refused = xds.refused(name);
  return create(ServiceSchema, {
    name,
    strategy: strategy === null ? BalancingStrategy.UNSPECIFIED : toStrategy(strategy),
    hashHeader,
    ...toTimestamps({ updateTime: registry.services.stored(name)?.updateMs ?? null }),
    ...(load !== undefined && { load: toServiceLoad(load) }),
    xds: create(XdsStatisticsSchema, {
      watchers: xds.countWatchers(name),
      refusals: BigInt(refused?.count ?? 0),
      lastRefusal: refused?.message ?? "",
      ...toTimestamps({ lastRefusalTime: refused?.lastMs ?? null }),
    }),
  });
}
