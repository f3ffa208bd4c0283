import { experimental } from "@grpc/grpc-js";

/** How a channel balances, and how it treats its methods, in the form in which resolvers hand it to grpc-js. */
export type ServiceConfig = Extract<Parameters<experimental.ResolverListener>[2], { ok: true }>["value"];

/** Calls go round over all instances, and pass over one whose connection is gone. */
const roundRobin: ServiceConfig["loadBalancingConfig"] = [{ round_robin: {} }];

/** What of a service config is read here. grpc-js has checked it before a resolver is made. */
interface WrittenConfig extends Omit<Partial<ServiceConfig>, "methodConfig"> {
  readonly methodConfig?: readonly WrittenMethod[];
}

type Method = ServiceConfig["methodConfig"][number];
type WrittenMethod = Omit<Method, "timeout"> & { readonly timeout?: Method["timeout"] | string };

/**
 * The config of a channel that was opened with `text` as its `grpc.service_config`, with round robin where that names no policy:
 * the usual one holds a retry policy alone, and grpc-js would take pick_first.
 */
export function serviceConfigOf(text: string | undefined): ServiceConfig {
  if (text === undefined || text === "") return { loadBalancingConfig: roundRobin, methodConfig: [] };
  const { methodConfig = [], loadBalancingConfig = [], ...rest } = JSON.parse(text) as WrittenConfig;
  return {
    ...rest,
    methodConfig: methodConfig.map(methodOf),
    loadBalancingConfig: loadBalancingConfig.length > 0 ? loadBalancingConfig : policyNamed(rest.loadBalancingPolicy),
  };
}

/** The same for a channel that has no address: its calls fail at once, as they would not under every policy. */
export function withoutAddresses(config: ServiceConfig): ServiceConfig {
  return { ...config, loadBalancingConfig: roundRobin };
}

/** The older form of naming a policy, which grpc-js checks and does not look at. */
function policyNamed(name: string | undefined): ServiceConfig["loadBalancingConfig"] {
  return name === undefined || !experimental.isLoadBalancerNameRegistered(name) ? roundRobin : [{ [name]: {} }];
}

function methodOf({ timeout, ...method }: WrittenMethod): Method {
  const duration = typeof timeout === "string" ? experimental.parseDuration(timeout) : timeout;
  return duration ? { ...method, timeout: duration } : method;
}
