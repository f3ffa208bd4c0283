import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { ClusterSchema } from "../../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { ClusterLoadAssignmentSchema } from "../../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { ListenerSchema } from "../../../gen/envoy/config/listener/v3/listener_pb.js";
import {
  AggregatedDiscoveryService,
  type DiscoveryResponse,
} from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { createClient } from "../../../src/grpc/client/client.ts";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { createCondition } from "../../harness/condition.ts";
import type { TestServer } from "../../harness/server.ts";

/** The types that the client asks for. */
export const types = ["listener", "cluster", "assignment"] as const;

/** One of them. */
export type ClientType = (typeof types)[number];

/** What a client knows of one resource, in words that a test can compare. */
type Known = string;

/** What a client holds of one type. */
interface Subscription {
  names: readonly string[];
  version: string;
  nonce: string;
  readonly known: Map<string, Known>;
  /** The next response is refused. */
  isRefusing: boolean;
}

/**
 * A client of xDS that keeps the protocol: it drops what it asks for no more, takes a listener or a cluster that is left out for gone, keeps
 * an assignment that is, refuses on request, and says on a new stream what it has.
 */
export class RegistryClient {
  readonly #server: Pick<TestServer, "channel">;
  readonly #changes = createCondition();
  readonly #subscriptions = new Map<ClientType, Subscription>(
    types.map((type) => [type, { names: [], version: "", nonce: "", known: new Map(), isRefusing: false }]),
  );
  #call: ReturnType<RegistryClient["open"]> | null = null;

  constructor(server: Pick<TestServer, "channel">) {
    this.#server = server;
    this.reconnect();
  }

  /** Ends its stream and begins another. */
  reconnect(): void {
    this.#call?.cancel();
    this.#call = this.open();
    for (const type of types) {
      const subscription = this.#of(type);
      subscription.nonce = "";
      subscription.isRefusing = false;
      if (subscription.names.length > 0) this.#send(type);
    }
  }

  /** Asks for these names of a type, and for no others. */
  subscribe(type: ClientType, names: readonly string[]): void {
    const subscription = this.#of(type);
    subscription.names = names;
    for (const name of subscription.known.keys()) if (!names.includes(name)) subscription.known.delete(name);
    this.#send(type);
  }

  /** Refuses the next response of a type, and keeps what it has. */
  refuseNext(type: ClientType): void {
    this.#of(type).isRefusing = true;
  }

  /** What it knows of a type, by name. */
  known(type: ClientType): Record<string, Known> {
    return Object.fromEntries([...this.#of(type).known].sort());
  }

  /** Resolves once what it knows is so. */
  until(isSo: () => boolean, what: string): Promise<void> {
    return this.#changes.until(isSo, what);
  }

  /** Ends its stream. */
  close(): void {
    this.#call?.cancel();
    this.#call = null;
  }

  private open() {
    const call = createClient(AggregatedDiscoveryService, this.#server.channel).streamAggregatedResources();
    void this.#read(call.responses).catch((error: unknown) => {
      if (this.#call === call) this.#changes.end(error);
    });
    return call;
  }

  async #read(responses: AsyncIterable<DiscoveryResponse>): Promise<void> {
    const own = () => this.#call?.responses === responses;
    for await (const response of responses) if (own()) this.#take(response);
  }

  #take({ typeUrl, nonce, versionInfo, resources }: DiscoveryResponse): void {
    const type = types.find((each) => typeUrls[each] === typeUrl);
    if (type === undefined) throw new Error(`a response of the type ${typeUrl}, which was not asked for`);
    const subscription = this.#of(type);
    subscription.nonce = nonce;
    if (subscription.isRefusing) {
      subscription.isRefusing = false;
      this.#send(type, "refused by the test");
    } else {
      subscription.version = versionInfo;
      if (type !== "assignment") subscription.known.clear();
      for (const resource of resources) {
        const [name, known] = read(type, resource);
        if (subscription.names.includes(name)) subscription.known.set(name, known);
      }
      this.#send(type);
    }
    this.#changes.changed();
  }

  #send(type: ClientType, refusal?: string): void {
    const { names, version, nonce } = this.#of(type);
    this.#call?.send({
      typeUrl: typeUrls[type],
      resourceNames: [...names],
      versionInfo: version,
      responseNonce: nonce,
      ...(refusal !== undefined && { errorDetail: { code: 3, message: refusal } }),
    });
  }

  #of(type: ClientType): Subscription {
    const subscription = this.#subscriptions.get(type);
    if (subscription === undefined) throw new Error(`no such type: ${type}`);
    return subscription;
  }
}

function read(type: ClientType, resource: Any): [name: string, known: Known] {
  if (type === "listener") return [anyUnpack(resource, ListenerSchema)?.name ?? "", "there"];
  if (type === "cluster") {
    const cluster = anyUnpack(resource, ClusterSchema);
    return [cluster?.name ?? "", cluster?.lbPolicy === 2 ? "ring hash" : "round robin"];
  }
  const assignment = anyUnpack(resource, ClusterLoadAssignmentSchema);
  const endpoints = (assignment?.endpoints ?? []).flatMap(({ lbEndpoints, locality }) =>
    lbEndpoints.map(({ hostIdentifier }) => {
      const at = hostIdentifier.value?.address?.address.value;
      // On a ring the endpoints of all zones are one locality.
      const where = locality?.subZone === "all" ? "ring" : `${locality?.zone} ${locality?.subZone}`;
      return `${at?.address}:${at?.portSpecifier.value} ${where}`;
    }),
  );
  return [assignment?.clusterName ?? "", endpoints.sort().join(", ")];
}
