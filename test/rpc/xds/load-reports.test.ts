import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ClusterSchema } from "../../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { WrrLocalitySchema } from "../../../gen/envoy/extensions/load_balancing_policies/wrr_locality/v3/wrr_locality_pb.js";
import {
  AggregatedDiscoveryService,
  type DiscoveryResponse,
} from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import { createClient } from "../../../src/grpc/client/client.ts";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { startServer } from "../../harness/server.ts";
import { register } from "../../registry/registry-harness.ts";

/** The policies within a locality, in the order in which a client takes the first that it knows. */
function policiesIn({ resources }: DiscoveryResponse): string[] {
  const cluster = anyUnpack(resources[0] ?? expect.unreachable("no cluster"), ClusterSchema);
  const outer = cluster?.loadBalancingPolicy?.policies[0]?.typedExtensionConfig?.typedConfig;
  const locality = anyUnpack(outer ?? expect.unreachable("no policy"), WrrLocalitySchema);
  return (locality?.endpointPickingPolicy?.policies ?? []).map(({ typedExtensionConfig }) =>
    (typedExtensionConfig?.typedConfig?.typeUrl ?? "").replace(/^.*\./, ""),
  );
}

test("clients of a least loaded service follow the reports of its instances once all of them report", async () => {
  await using server = await startServer();
  const reporting = { metadata: { load_reports: "orca" } };
  await register(server, { instanceId: "a", address: "10.0.0.1:80", ...reporting });
  await register(server, { instanceId: "b", address: "10.0.0.2:80", metadata: { load_reports: "none" } });
  const call = createClient(AggregatedDiscoveryService, server.channel).streamAggregatedResources();
  const responses = call.responses[Symbol.asyncIterator]();
  const next = async () => policiesIn((await responses.next()).value ?? expect.unreachable("the stream ended"));
  call.send({ typeUrl: typeUrls.cluster, resourceNames: ["inventory"], node: { id: "test" } });
  expect(await next()).toEqual(["RoundRobin"]);

  const service = { name: "inventory", strategy: BalancingStrategy.LEAST_LOADED };
  await server.registry.updateService({ service });
  expect(await next()).toEqual(["LeastRequest", "RoundRobin"]);
  await register(server, { instanceId: "b", address: "10.0.0.2:80", ...reporting });
  expect(await next()).toEqual(["ClientSideWeightedRoundRobin", "LeastRequest", "RoundRobin"]);
  await register(server, { instanceId: "c", address: "10.0.0.3:80" });
  expect(await next()).toEqual(["LeastRequest", "RoundRobin"]);
  await server.registry.deregisterInstance({ serviceName: "inventory", instanceId: "c" });
  expect(await next()).toEqual(["ClientSideWeightedRoundRobin", "LeastRequest", "RoundRobin"]);

  await server.registry.updateService({ service: { ...service, strategy: BalancingStrategy.ROUND_ROBIN } });
  expect(await next()).toEqual(["RoundRobin"]);
  call.cancel();
});
