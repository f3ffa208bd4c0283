import { type InstanceHealth, InstanceHealthSchema } from "../../../gen/sitq/v1/registry_service_pb.js";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { spanOf } from "../options/spans.ts";
import { eachItem } from "../views/pages.ts";
import { type Plain, toPlain } from "../views/plain.ts";

/** The health of an instance, as a plain object: `{ status: "SERVING", message: "", latencyMs: 3, instance: { … } }`. */
export type HealthRecord = Plain<InstanceHealth>;

/** Which instances are asked, and for how long. */
export interface CheckHealthOptions {
  /** Only this one. Default: all of the service. */
  readonly instanceId?: string;
  /** How long each has for its answer, in milliseconds. Default 2,000. */
  readonly timeoutMs?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

const optionNames: OptionNames<CheckHealthOptions> = { instanceId: true, timeoutMs: true, signal: true };

/**
 * Has the server ask instances themselves how they are, all of a service, or without one those of every service.
 *
 * @throws CallError SERVICE_NOT_FOUND, INSTANCE_NOT_FOUND, INVALID_ARGUMENT
 */
export async function checkHealth(
  client: Pick<SitqClient, "registry">,
  service = "",
  options: CheckHealthOptions = {},
): Promise<HealthRecord[]> {
  refuseUnknown(options, optionNames);
  const { instanceId = "", timeoutMs, signal } = options;
  const wanted = {
    serviceName: service,
    instanceId,
    ...(timeoutMs !== undefined && { timeout: spanOf("timeout", timeoutMs) }),
  };
  const found = eachItem({ signal }, async (page, call) => {
    // Its own time comes on top of that of the instances.
    const calling = { ...call, timeoutMs: (call.timeoutMs ?? 0) + (timeoutMs ?? 0) };
    const { results, nextPageToken } = await client.registry.checkHealth({ ...wanted, ...page }, calling);
    return { items: results.map((each) => toPlain(InstanceHealthSchema, each)), nextPageToken };
  });
  const health: HealthRecord[] = [];
  for await (const each of found) health.push(each);
  return health;
}
