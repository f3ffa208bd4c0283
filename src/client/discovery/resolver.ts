import { type ChannelOptions, experimental, Metadata, status as statusCode } from "@grpc/grpc-js";
import { type Instance, InstanceState } from "../../../gen/sitq/v1/registry_service_pb.js";
import { parseHostPort } from "../../contract/host-port.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { type InstanceWatch, watchInstances } from "./instance-watch.ts";
import { type ServiceConfig, serviceConfigOf, withoutAddresses } from "./service-config.ts";

/** How the resolver is known. */
export interface ResolverOptions {
  /** The scheme of the targets: another one for each sitq server that is resolved by. Default `sitq`. */
  readonly scheme?: string;
}

const optionNames: OptionNames<ResolverOptions> = { scheme: true };

type Listener = experimental.ResolverListener;
type Endpoint = experimental.Endpoint;

/**
 * Makes `sitq:///inventory` a target that every grpc-js channel of this process can open: it follows the service's instances, those
 * that are healthy, take calls and say where, and spreads calls over them. `sitq:///inventory?zone=b` takes only those with these
 * metadata. While the server is away the last instances that were known go on.
 *
 * The client is used as long as there are such channels: close them first.
 *
 * @throws CallError INVALID_ARGUMENT of an option that there is not
 */
export function registerSitqResolver(client: SitqClient, options: ResolverOptions = {}): void {
  refuseUnknown(options, optionNames);
  const { scheme = "sitq" } = options;
  class SitqResolver implements experimental.Resolver {
    readonly #target: ServiceTarget;
    readonly #listener: Listener;
    readonly #config: ServiceConfig;
    #watch: InstanceWatch | null = null;
    /** The addresses reported last; `null`: none yet. */
    #reported: string | null = null;

    constructor(target: experimental.GrpcUri, listener: Listener, options: ChannelOptions) {
      this.#target = parseTarget(target);
      this.#listener = listener;
      this.#config = serviceConfigOf(options["grpc.service_config"]);
    }

    static getDefaultAuthority(target: experimental.GrpcUri): string {
      return parseTarget(target).service;
    }

    updateResolution(): void {
      this.#watch ??= watchInstances(client, {
        ...this.#target,
        onChange: (instances) => this.#resolve(instances),
        onError: (error) => {
          if (this.#reported !== null) return;
          this.#fail(`sitq at ${client.address} does not say where ${this.#target.service} is: ${error.message}`);
        },
      });
    }

    destroy(): void {
      this.#watch?.close();
      this.#watch = null;
      this.#reported = null;
    }

    #resolve(instances: readonly Instance[]): void {
      const addresses = [...new Set(instances.filter(takesCalls).map(({ address }) => address))].sort();
      // Every new list restarts the balancing.
      if (this.#reported === addresses.join()) return;
      this.#reported = addresses.join();
      const endpoints = experimental.statusOrFromValue(addresses.map(toEndpoint));
      if (addresses.length > 0) {
        this.#report(endpoints, this.#config);
        return;
      }
      // An empty list only closes the connections: under round_robin calls would wait indefinitely, and pick_first would continue with the
      // address that it had. A failure after it, under round_robin whatever the channel's policy, lets them fail.
      this.#report(endpoints, withoutAddresses(this.#config));
      this.#fail(`${this.#target.service} has no instance that takes calls`);
    }

    #fail(details: string): void {
      const failure = { code: statusCode.UNAVAILABLE, details, metadata: new Metadata() };
      this.#report(experimental.statusOrFromError(failure), withoutAddresses(this.#config));
    }

    #report(endpoints: Parameters<Listener>[0], config: ServiceConfig): void {
      this.#listener(endpoints, {}, experimental.statusOrFromValue(config), "");
    }
  }
  experimental.registerResolver(scheme, SitqResolver);
}

/** Which instances a target means. */
interface ServiceTarget {
  readonly service: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws Error if it names no service */
function parseTarget({ scheme, authority = "", path }: experimental.GrpcUri): ServiceTarget {
  const [service = "", query = ""] = path.replace(/^\/+/, "").split("?", 2);
  if (service === "" || service.includes("/") || authority !== "") {
    throw new Error(`A target of ${scheme} is ${scheme}:///SERVICE or ${scheme}:///SERVICE?KEY=VALUE.`);
  }
  return { service, metadata: Object.fromEntries(new URLSearchParams(query)) };
}

function takesCalls({ state, address, capacity }: Instance): boolean {
  return state === InstanceState.HEALTHY && address !== "" && capacity > 0;
}

function toEndpoint(address: string): Endpoint {
  return { addresses: [parseHostPort(address) ?? { host: address, port: 443 }] };
}
