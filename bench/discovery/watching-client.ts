import type { ClientHttp2Session } from "node:http2";
import { create } from "@bufbuild/protobuf";
import {
  AggregatedDiscoveryService,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { RegistryService, WatchInstancesRequestSchema } from "../../gen/sitq/v1/registry_service_pb.js";
import { methodPath } from "../../src/grpc/codec.ts";
import { codecOf } from "../../src/grpc/message-codec.ts";
import { openStream } from "./raw-stream.ts";

/** How a client discovers. */
export type Discovery = "xDS" | "WatchInstances";

/** One that watches. */
export interface WatcherOptions {
  readonly session: ClientHttp2Session;
  readonly name: string;
  readonly zone: string;
  readonly services: readonly string[];
  /** Whether it had everything before, over another connection. */
  readonly isBack: boolean;
  /** Called when it has the instances of all services. */
  readonly onBegun: () => void;
  /** Called with each message that can hold instances, and which stream of the client it came over. */
  readonly onInstances: (message: Buffer, stream: number) => void;
}

const requests = codecOf(DiscoveryRequestSchema);
const responses = codecOf(DiscoveryResponseSchema);

const listenerType = "type.googleapis.com/envoy.config.listener.v3.Listener";
const clusterType = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
const assignmentType = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";

/** What asks for each type: the type before it. */
const nextType: Readonly<Record<string, string>> = { [listenerType]: clusterType, [clusterType]: assignmentType };

/**
 * Watches as the clients of gRPC do by xDS: listeners first, then the clusters that they name, then their assignments; over a later
 * connection all three at once. It acknowledges each response.
 */
export function watchByXds(options: WatcherOptions): void {
  const { session, name, zone, services, isBack, onBegun, onInstances } = options;
  const missing = new Set([listenerType, clusterType, assignmentType]);
  const stream = openStream(
    session,
    methodPath(AggregatedDiscoveryService.method.streamAggregatedResources),
    (bytes) => {
      const { typeUrl, nonce, versionInfo, resources } = responses.decode(bytes);
      ask(typeUrl, nonce, versionInfo);
      if (typeUrl === assignmentType) onInstances(bytes, 0);
      if (!missing.has(typeUrl) || resources.length < services.length) return;
      missing.delete(typeUrl);
      const next = nextType[typeUrl];
      if (next !== undefined && !isBack) ask(next);
      if (missing.size === 0) onBegun();
    },
  );
  const node = { id: name, userAgentName: "bench", locality: { zone } };
  let isFirst = true;

  function ask(typeUrl: string, responseNonce = "", versionInfo = ""): void {
    const request = { typeUrl, responseNonce, versionInfo, resourceNames: [...services] };
    // Most clients say who they are once.
    stream.send(requests.encode(create(DiscoveryRequestSchema, isFirst ? { ...request, node } : request)));
    isFirst = false;
  }

  if (isBack) for (const type of missing) ask(type, "", "1");
  else ask(listenerType);
}

/** Watches by a stream of the contract for each service. */
export function watchByContract({ session, services, onBegun, onInstances }: WatcherOptions): void {
  const missing = new Set(services);
  services.forEach((serviceName, number) => {
    const stream = openStream(session, methodPath(RegistryService.method.watchInstances), (bytes) => {
      onInstances(bytes, number);
      if (missing.delete(serviceName) && missing.size === 0) onBegun();
    });
    stream.send(codecOf(WatchInstancesRequestSchema).encode({ serviceName }));
    stream.end();
  });
}
