import { onTestFinished } from "vitest";
import { Health } from "../../../gen/grpc/health/v1/health_pb.js";
import {
  connect,
  type Instance,
  registerSitqResolver,
  type SitqClient,
  watchInstances,
} from "../../../src/client/index.ts";
import { createChannel } from "../../../src/grpc/client/channel.ts";
import { createClient } from "../../../src/grpc/client/client.ts";
import { createCondition } from "../../harness/condition.ts";
import { type ServerOverrides, startServer, type TestServer } from "../../harness/server.ts";
import { register } from "../../registry/registry-harness.ts";
import { type SmallService, serveSmall } from "./service.ts";

let schemes = 0;

/** A client that is closed at the end of the test. */
export function connectTo(address: string): SitqClient {
  const client = connect({ address });
  onTestFinished(() => client.close());
  return client;
}

/** Registers the resolver under a scheme of the test's own, and answers it. */
export function resolverScheme(client: SitqClient): string {
  const scheme = `sitq-test-${++schemes}`;
  registerSitqResolver(client, { scheme });
  return scheme;
}

/** An open target. */
export interface Target {
  /** Answers who a call went to. */
  call(): Promise<string>;
  close(): void;
}

/** Opens a target. */
export function openTarget(target: string, options = {}): Target {
  const channel = createChannel(target, { options });
  onTestFinished(() => channel.close());
  const client = createClient(Health, channel);
  return {
    async call() {
      const { statuses } = await client.list({}, { timeoutMs: 10_000 });
      return Object.keys(statuses)[0] ?? "";
    },
    close: () => channel.close(),
  };
}

/** A server, a client whose resolver it is, and services and targets that end before it does. */
export interface ResolverHarness extends AsyncDisposable {
  readonly server: TestServer;
  readonly client: SitqClient;
  /** Starts a small service; nobody has registered it. */
  serve(name: string): Promise<SmallService>;
  /** Starts one and registers it as an instance of `inventory` by its name. */
  serveRegistered(name: string, more?: Parameters<typeof register>[1]): Promise<void>;
  /** Opens the target `sitq:///` and the rest. */
  open(rest: string, options?: object): Target;
}

/** Starts it. */
export async function startResolverHarness(overrides: ServerOverrides = {}): Promise<ResolverHarness> {
  const server = await startServer(overrides);
  const client = connectTo(server.address);
  const scheme = resolverScheme(client);
  const services: SmallService[] = [];
  const targets: Target[] = [];

  async function serve(name: string): Promise<SmallService> {
    const service = await serveSmall(name);
    services.push(service);
    return service;
  }
  return {
    server,
    client,
    serve,
    async serveRegistered(name, more) {
      const { address } = await serve(name);
      await register(server, { instanceId: name, address, ...more });
    },
    open(rest, options) {
      const target = openTarget(`${scheme}:///${rest}`, options);
      targets.push(target);
      return target;
    },
    async [Symbol.asyncDispose]() {
      for (const target of targets) target.close();
      for (const service of services) service.close();
      client.close();
      await server.stop();
    },
  };
}

/** Waits for what a watch shows. */
export interface SeenInstances {
  /** Resolves when it is so. */
  until(isSo: (instances: readonly Instance[]) => boolean): Promise<void>;
  /** Resolves once it has broken off so often, by default once. */
  broken(times?: number): Promise<void>;
  /** How often it broke off. */
  readonly breaks: number;
  readonly instances: readonly Instance[];
}

/** Watches a service until the end of the test. */
export function see(client: SitqClient, service: string): SeenInstances {
  const condition = createCondition();
  let isKnown = false;
  let breaks = 0;
  const watch = watchInstances(client, {
    service,
    onChange() {
      isKnown = true;
      condition.changed();
    },
    onError() {
      breaks++;
      condition.changed();
    },
  });
  onTestFinished(() => watch.close());
  return {
    until: (isSo) => condition.until(() => isKnown && isSo(watch.instances), "the instances were so"),
    broken: (times = 1) => condition.until(() => breaks >= times, `it broke off ${times} times`),
    get breaks() {
      return breaks;
    },
    get instances() {
      return watch.instances;
    },
  };
}
