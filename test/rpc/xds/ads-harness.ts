import type { MessageInitShape } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { expect, onTestFinished } from "vitest";
import { HealthStatus } from "../../../gen/envoy/config/core/v3/core_pb.js";
import { ClusterLoadAssignmentSchema } from "../../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import {
  AggregatedDiscoveryService,
  type DiscoveryRequestSchema,
  type DiscoveryResponse,
} from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { type CallOptions, createClient } from "../../../src/grpc/client/client.ts";
import type { TestServer } from "../../harness/server.ts";

/** A request of a client, as a test writes it. */
export type Request = MessageInitShape<typeof DiscoveryRequestSchema>;

/** A stream of xDS, as a client holds it. */
export function openStream(server: Pick<TestServer, "channel">, options: CallOptions = {}) {
  const call = createClient(AggregatedDiscoveryService, server.channel).streamAggregatedResources(options);
  onTestFinished(() => call.cancel());
  const responses = call.responses[Symbol.asyncIterator]();
  const next = async (): Promise<DiscoveryResponse> => {
    const { done, value } = await responses.next();
    return done ? expect.unreachable("the stream ended") : value;
  };
  return {
    send: (request: Request) => call.send(request),
    next,
    /** Asks, and answers what comes. */
    async ask(request: Request): Promise<DiscoveryResponse> {
      call.send(request);
      return next();
    },
    acknowledge: ({ typeUrl, nonce, versionInfo }: DiscoveryResponse, resourceNames: string[]) =>
      call.send({ typeUrl, responseNonce: nonce, versionInfo, resourceNames }),
    /** Refuses a response. */
    refuse: ({ typeUrl, nonce }: DiscoveryResponse, resourceNames: string[], message: string) =>
      call.send({ typeUrl, responseNonce: nonce, resourceNames, errorDetail: { code: 3, message } }),
    /** Says that it will send no more. */
    halfClose: () => call.end(),
    cancel: () => call.cancel(),
    /** Whether nothing more comes. */
    isOver: async () => (await responses.next()).done === true,
  };
}

/** Registers an instance of `inventory`, by default at an address that its id stands for. */
export async function register(server: TestServer, instanceId: string, changes: Record<string, unknown> = {}) {
  const address = `10.0.0.${instanceId.charCodeAt(0)}:80`;
  await server.registry.registerInstance({ serviceName: "inventory", instanceId, address, ...changes });
}

/** The endpoints of an assignment: `10.0.0.97:80 HEALTHY`. */
export function endpointsOf({ resources }: Pick<DiscoveryResponse, "resources">): string[] {
  return resources.flatMap((resource) => {
    const assignment = anyUnpack(resource, ClusterLoadAssignmentSchema);
    return (assignment?.endpoints ?? []).flatMap(({ lbEndpoints }) =>
      lbEndpoints.map(({ hostIdentifier, healthStatus }) => {
        const at = hostIdentifier.value?.address?.address.value;
        return `${at?.address}:${at?.portSpecifier.value} ${HealthStatus[healthStatus]}`;
      }),
    );
  });
}

/** Of which services the assignments are. */
export function servicesOf({ resources }: Pick<DiscoveryResponse, "resources">): string[] {
  return resources.map((resource) => anyUnpack(resource, ClusterLoadAssignmentSchema)?.clusterName ?? "");
}

/** How many watch a service by xDS, by default `inventory`. */
export async function countWatchers(server: TestServer, name = "inventory"): Promise<number> {
  const { service } = await server.registry.getService({ name });
  return service?.xds?.watchers ?? 0;
}
