import { type Instance, InstanceSchema } from "../../../gen/sitq/v1/registry_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { eachItem, type ListOptions, listNames } from "../views/pages.ts";
import { type Plain, toPlain } from "../views/plain.ts";

/** An instance as a plain object: `{ serviceName: "inventory", address: "10.0.0.7:8080", state: "HEALTHY", … }`. */
export type InstanceRecord = Plain<Instance>;

/** Which instances are meant. */
export interface DiscoverOptions extends ListOptions {
  /** Only those with these metadata, all of them. Default: all. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Those too that are unhealthy or drain. Default false. */
  readonly includeUnhealthy?: boolean;
}

const optionNames: OptionNames<DiscoverOptions> = {
  ...listNames,
  metadata: true,
  includeUnhealthy: true,
};

/**
 * The instances of a service as they are now, by id, as plain objects; without a service those of every one. A service that has
 * none, or that no instance has ever named, is an empty list.
 *
 * @throws CallError INVALID_ARGUMENT
 */
export async function discover(
  client: Pick<SitqClient, "registry">,
  service = "",
  options: DiscoverOptions = {},
): Promise<InstanceRecord[]> {
  refuseUnknown(options, optionNames);
  const { metadata = {}, includeUnhealthy = false, pageSize = limits.pageSize, signal } = options;
  const found = eachItem({ pageSize, signal }, async (page, call) => {
    const request = { serviceName: service, metadata: { ...metadata }, includeUnhealthy, ...page };
    const { instances, nextPageToken } = await client.registry.discoverInstances(request, call);
    return { items: instances.map((instance) => toPlain(InstanceSchema, instance)), nextPageToken };
  });
  const instances: InstanceRecord[] = [];
  for await (const instance of found) instances.push(instance);
  return instances;
}
