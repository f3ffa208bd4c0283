import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import {
  Cluster_DiscoveryType,
  Cluster_LbPolicy,
  ClusterSchema,
  type LoadBalancingPolicySchema,
} from "../../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ApiVersion, HealthStatus, SocketAddressSchema } from "../../../gen/envoy/config/core/v3/core_pb.js";
import {
  ClusterLoadAssignmentSchema,
  EndpointSchema,
  type LbEndpoint,
  LbEndpointSchema,
  LocalityLbEndpointsSchema,
} from "../../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { ListenerSchema } from "../../../gen/envoy/config/listener/v3/listener_pb.js";
import { type RouteConfiguration, RouteConfigurationSchema } from "../../../gen/envoy/config/route/v3/route_pb.js";
import { RouterSchema } from "../../../gen/envoy/extensions/filters/http/router/v3/router_pb.js";
import { HttpConnectionManagerSchema } from "../../../gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js";
import { ClientSideWeightedRoundRobinSchema } from "../../../gen/envoy/extensions/load_balancing_policies/client_side_weighted_round_robin/v3/client_side_weighted_round_robin_pb.js";
import { LeastRequestSchema } from "../../../gen/envoy/extensions/load_balancing_policies/least_request/v3/least_request_pb.js";
import {
  RingHash_HashFunction,
  RingHashSchema,
} from "../../../gen/envoy/extensions/load_balancing_policies/ring_hash/v3/ring_hash_pb.js";
import { RoundRobinSchema } from "../../../gen/envoy/extensions/load_balancing_policies/round_robin/v3/round_robin_pb.js";
import { WrrLocalitySchema } from "../../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.js";
import type { Endpoint, Locality } from "./localities.ts";

/** The types of resources that clients of gRPC ask for. */
export const typeUrls = {
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  route: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  assignment: "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
} as const;

/** A type of resources. */
export type ResourceType = keyof typeof typeUrls;

/** Which instance of a service a client calls next. */
export type Balancing =
  | { readonly policy: "round_robin" | "least_request" }
  /** By the load that instances report to clients with each call; least request for those that do not read the reports. */
  | { readonly policy: "reported_load" }
  /** The same one for the same value of a header. */
  | { readonly policy: "ring_hash"; readonly header: string };

/** The listener of a service, with its route within: each call goes to the cluster of the service. */
export function listenerOf(service: string, balancing: Balancing): Any {
  return pack(ListenerSchema, {
    name: service,
    apiListener: {
      apiListener: pack(HttpConnectionManagerSchema, {
        statPrefix: service,
        routeSpecifier: { case: "routeConfig", value: routeConfiguration(service, balancing) },
        // Clients but for one refuse a listener without it.
        httpFilters: [{ name: "router", configType: { case: "typedConfig", value: pack(RouterSchema, {}) } }],
      }),
    },
  });
}

/** The route of a service for those who ask for it by itself. */
export function routeOf(service: string, balancing: Balancing): Any {
  return anyPack(RouteConfigurationSchema, routeConfiguration(service, balancing));
}

function routeConfiguration(service: string, balancing: Balancing): RouteConfiguration {
  const header = balancing.policy === "ring_hash" ? balancing.header : null;
  return create(RouteConfigurationSchema, {
    name: service,
    virtualHosts: [
      {
        name: service,
        domains: ["*"],
        routes: [
          {
            match: { pathSpecifier: { case: "prefix", value: "" } },
            action: {
              case: "route",
              value: {
                clusterSpecifier: { case: "cluster", value: service },
                ...(header !== null && {
                  hashPolicy: [{ policySpecifier: { case: "header", value: { headerName: header } } }],
                }),
              },
            },
          },
        ],
      },
    ],
  });
}

/** The cluster of a service, whose endpoints come over the same stream. */
export function clusterOf(service: string, balancing: Balancing): Any {
  return pack(ClusterSchema, {
    name: service,
    clusterDiscoveryType: { case: "type", value: Cluster_DiscoveryType.EDS },
    edsClusterConfig: {
      edsConfig: { configSourceSpecifier: { case: "ads", value: {} }, resourceApiVersion: ApiVersion.V3 },
      serviceName: service,
    },
    lbPolicy: balancing.policy === "ring_hash" ? Cluster_LbPolicy.RING_HASH : Cluster_LbPolicy.ROUND_ROBIN,
    loadBalancingPolicy: policyOf(balancing),
  });
}

/** The policies in the order in which a client takes the first that it knows. */
function policyOf({ policy }: Balancing): MessageInitShape<typeof LoadBalancingPolicySchema> {
  const roundRobin = pack(RoundRobinSchema, {});
  const leastRequest = pack(LeastRequestSchema, { choiceCount: 2 });
  if (policy === "ring_hash") {
    // Of the sizes that gRFC A42 has as defaults: grpc-js refuses others.
    const ringHash = pack(RingHashSchema, { hashFunction: RingHash_HashFunction.XX_HASH });
    return policies(["ring_hash", ringHash], ["wrr_locality", pack(WrrLocalitySchema, inLocality(roundRobin))]);
  }
  // With the defaults of A58: reports per call, heeded from ten seconds after the first on.
  const byReports = policy === "reported_load" ? [pack(ClientSideWeightedRoundRobinSchema, {})] : [];
  const inner = policy === "round_robin" ? [roundRobin] : [...byReports, leastRequest, roundRobin];
  return policies(["wrr_locality", pack(WrrLocalitySchema, inLocality(...inner))]);
}

function inLocality(...inner: readonly Any[]): MessageInitShape<typeof WrrLocalitySchema> {
  return { endpointPickingPolicy: policies(...inner.map((config, at) => [`policy-${at}`, config] as const)) };
}

function policies(
  ...configs: readonly (readonly [name: string, typedConfig: Any])[]
): MessageInitShape<typeof LoadBalancingPolicySchema> {
  return {
    policies: configs.map(([name, typedConfig]) => ({ typedExtensionConfig: { name, typedConfig } })),
  };
}

const healthStatuses = {
  healthy: HealthStatus.HEALTHY,
  unhealthy: HealthStatus.UNHEALTHY,
  draining: HealthStatus.DRAINING,
} as const satisfies Record<Endpoint["health"], HealthStatus>;

/** Where the instances of a service are. @param weighsEndpoints whether each endpoint has its own weight, as a ring needs it */
export function assignmentOf(service: string, localities: readonly Locality[], weighsEndpoints: boolean): Any {
  return pack(ClusterLoadAssignmentSchema, {
    clusterName: service,
    endpoints: localities.map(({ region, zone, subZone, weight, priority, endpoints }) =>
      create(LocalityLbEndpointsSchema, {
        locality: { region, zone, subZone },
        loadBalancingWeight: weight,
        priority,
        lbEndpoints: endpoints.map((endpoint) => toEndpoint(endpoint, weighsEndpoints)),
      }),
    ),
  });
}

function toEndpoint({ ip, port, health, weight }: Endpoint, isWeighed: boolean): LbEndpoint {
  const socketAddress = create(SocketAddressSchema, { address: ip, portSpecifier: { case: "portValue", value: port } });
  return create(LbEndpointSchema, {
    hostIdentifier: {
      case: "endpoint",
      value: create(EndpointSchema, { address: { address: { case: "socketAddress", value: socketAddress } } }),
    },
    healthStatus: healthStatuses[health],
    ...(isWeighed && { loadBalancingWeight: weight }),
  });
}

function pack<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Any {
  return anyPack(schema, create(schema, init));
}
