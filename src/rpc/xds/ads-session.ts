import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Node } from "../../../gen/envoy/config/core/v3/core_pb.js";
import type {
  DiscoveryRequest,
  DiscoveryResponseSchema,
} from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Outbound } from "../../grpc/handlers.ts";
import { checkCount, cutText, isQueueName } from "../convert/checks.ts";
import type { Catalog, CatalogWatcher } from "./catalog.ts";
import type { Place } from "./localities.ts";
import { type ResourceType, typeUrls } from "./resources.ts";
import { isSame, namesOf, type Subscription } from "./subscription.ts";

/** What a client has refused. */
export interface Nack {
  readonly type: ResourceType;
  /** What it was sent something of that has instances; empty: of none. */
  readonly services: readonly string[];
  /** The client's reason. */
  readonly message: string;
  /** The client's name for itself. */
  readonly node: string;
}

/** What a session reports. */
export interface AdsSessionEvents {
  /** A response goes out. */
  onSent(type: ResourceType): void;
  /** The client has not read what lies in front of it: nothing more goes out before it does. */
  onFull(): void;
  /** A client has refused what it was sent: once for each response. */
  onNack(nack: Nack): void;
  /** Said once for each text: something that a client asks for is not answered. */
  onIgnored(what: string, node: string): void;
}

/**
 * What a request is: one that asks for something, one that answers a response, or one that does neither, such as the second answer to
 * the same response.
 */
export type RequestKind = "asks" | "answers" | "idle";

/** The texts of a client that are kept, in bytes. */
const textBytes = 1_024;
/** Of its name for itself, and of where it runs. */
const nameBytes = 200;
/** Of what one client asks for in vain, so much is reported. */
const mostIgnored = 20;

/** In this order what a client is sent holds together: nothing refers to what it does not have yet. */
const order: readonly ResourceType[] = ["cluster", "assignment", "listener", "route"];

/** The types of which a client takes what a response leaves out for gone. Of the others a response holds what has changed alone. */
const wholeTypes: ReadonlySet<ResourceType> = new Set(["listener", "cluster"]);

const typesByUrl: ReadonlyMap<string, ResourceType> = new Map(order.map((type) => [typeUrls[type], type]));

/**
 * The clients (the beginning of their `user_agent_name`) that go on with the endpoints that they had when no endpoint is left, as grpc-java
 * 1.85.1 does. They stop when the cluster goes. Others fail at once, and grpc-js 1.14 would not see a cluster that comes back the same.
 */
const keepsEndpoints = /^gRPC Java/;

const nowhere: Place = { region: "", zone: "" };

/**
 * One stream of a client of xDS, state of the world: it names what it wants of each type, and is sent what has changed of it. What it
 * acknowledges or refuses is not answered.
 */
export class AdsSession implements CatalogWatcher {
  readonly #catalog: Catalog;
  readonly #out: Outbound<MessageInitShape<typeof DiscoveryResponseSchema>>;
  readonly #maySee: (service: string) => boolean;
  readonly #events: AdsSessionEvents;
  readonly #subscriptions = new Map<ResourceType, Subscription>();
  /** The services that it watches. */
  #watched: ReadonlySet<string> = new Set();
  readonly #said = new Set<string>();
  /** What stands for the services that it may not see: the same as for those that there are not. */
  readonly #unseen = new Map<string, Map<ResourceType, Any>>();
  /** The services whose cluster is taken away while no instance can be called: the client may have endpoints that can be called no more. */
  readonly #withdrawn = new Set<string>();
  /** The services that it had before this stream, perhaps from the server before its restart. */
  readonly #resumed = new Set<string>();
  #place = nowhere;
  #keepsEndpoints = false;
  #node = "";
  #responses = 0;
  /** How many responses it has not answered. */
  #unanswered = 0;
  #isClosed = false;

  /** @param maySee whether the caller may see a service */
  constructor(
    catalog: Catalog,
    out: Outbound<MessageInitShape<typeof DiscoveryResponseSchema>>,
    maySee: (service: string) => boolean,
    events: AdsSessionEvents,
  ) {
    this.#catalog = catalog;
    this.#out = out;
    this.#maySee = maySee;
    this.#events = events;
    out.onDrain(() => void this.refresh());
  }

  /**
   * Takes in a request.
   *
   * @throws SitqError INVALID_FIELD: too many names
   */
  take({ node, typeUrl, versionInfo, resourceNames, responseNonce, errorDetail }: DiscoveryRequest): RequestKind {
    if (this.#isClosed) return "answers";
    if (node !== undefined && this.#node === "") this.#meet(node);
    checkCount("resource_names", resourceNames.length, limits.xdsNames, "names");
    const type = typesByUrl.get(typeUrl);
    if (type === undefined) {
      this.#ignore(`the type ${JSON.stringify(cutText(typeUrl, nameBytes))}`);
      return "idle";
    }
    const subscription = this.#subscriptions.get(type);
    if (subscription === undefined || responseNonce === "") {
      // Also on a new stream: what it says that it has may be of another server. It may have endpoints of that, too.
      if (versionInfo !== "") for (const name of resourceNames) this.#resumed.add(name);
      if (this.#keepsEndpoints && versionInfo !== "") for (const name of resourceNames) this.#withdrawn.add(name);
      this.#subscribe(type, resourceNames, true);
      return "asks";
    }
    const kind = this.#unanswered > 0 ? "answers" : "idle";
    if (kind === "answers") this.#unanswered--;
    const isOfNewest = responseNonce === subscription.nonce;
    if (isOfNewest && errorDetail !== undefined && !subscription.isRefused) {
      subscription.isRefused = true;
      const services = subscription.names.filter((name) => this.#sees(name) && this.#catalog.hasInstances(name));
      const message = cutText(errorDetail.message, textBytes);
      this.#events.onNack({ type, services, message, node: this.#node });
    }
    if (isSame(subscription.asked, resourceNames)) return kind;
    // Also in answer to an older response: requests come in order, and not all clients say again that they want less.
    if (isSame(subscription.names, namesOf(resourceNames))) return kind;
    this.#subscribe(type, resourceNames, false);
    return "asks";
  }

  /**
   * Sends what has changed of all that it watches, as far as there is room; the rest when there is.
   *
   * @param services those that can have changed since; default: all
   */
  refresh(services?: ReadonlySet<string>): number {
    let bytes = 0;
    for (const type of order) {
      if (!this.#out.writable) return bytes;
      const subscription = this.#subscriptions.get(type);
      if (subscription !== undefined) bytes += this.#send(type, subscription, services);
    }
    return bytes;
  }

  /** Takes in that the caller may see other services than before. */
  rightsChanged(): void {
    if (this.#isClosed) return;
    this.#rewatch();
    this.refresh();
  }

  /** Ends its watches; what still arrives is passed over. */
  close(): void {
    this.#isClosed = true;
    for (const service of this.#watched) this.#catalog.unwatch(service, this);
    this.#watched = new Set();
  }

  #meet({ id, userAgentName, locality }: Node): void {
    const names = [id, userAgentName].filter((each) => each !== "").map((each) => cutText(each, nameBytes));
    this.#node = names.join(" ") || "unnamed";
    this.#keepsEndpoints = keepsEndpoints.test(userAgentName);
    const { region = "", zone = "" } = locality ?? {};
    this.#place = { region: cutText(region, nameBytes), zone: cutText(zone, nameBytes) };
  }

  #subscribe(type: ResourceType, resourceNames: readonly string[], isAsked: boolean): void {
    const names = namesOf(resourceNames);
    for (const name of resourceNames) {
      if (isQueueName(name)) continue;
      this.#ignore(`the name ${JSON.stringify(cutText(name, nameBytes))}, which no service can have`);
    }
    const before = this.#subscriptions.get(type);
    const { nonce = "", isRefused = false } = before ?? {};
    const had = new Map(before?.names.map((name, at) => [name, before.sent[at]]));
    const sent = names.map((name) => had.get(name) ?? null);
    // What no service can have may be long, and is not kept.
    const asked = names.length === resourceNames.length ? resourceNames : names;
    this.#subscriptions.set(type, { asked, names, nonce, sent, isAsked, isRefused });
    // A client that leaves a cluster drops the endpoints of it.
    if (type === "cluster") for (const name of this.#withdrawn) if (!names.includes(name)) this.#withdrawn.delete(name);
    this.#rewatch();
    this.refresh();
  }

  #rewatch(): void {
    const services = new Set<string>();
    const unseen = new Set<string>();
    for (const { names } of this.#subscriptions.values()) {
      for (const name of names) (this.#maySee(name) ? services : unseen).add(name);
    }
    for (const name of unseen) this.#ignore(`the service ${name}, which it may not see`);
    for (const name of this.#withdrawn) if (!services.has(name) && !unseen.has(name)) this.#withdrawn.delete(name);
    for (const name of this.#resumed) if (!services.has(name)) this.#resumed.delete(name);
    for (const name of this.#unseen.keys()) if (!unseen.has(name)) this.#unseen.delete(name);
    for (const service of services) if (!this.#watched.has(service)) this.#catalog.watch(service, this);
    for (const service of this.#watched) if (!services.has(service)) this.#catalog.unwatch(service, this);
    this.#watched = services;
  }

  #sees(name: string): boolean {
    return this.#watched.has(name) && this.#maySee(name);
  }

  #send(type: ResourceType, subscription: Subscription, services: ReadonlySet<string> | undefined): number {
    const { names, sent, isAsked } = subscription;
    const isWhole = wholeTypes.has(type);
    // Clients take a resource that is left out for one that does not exist.
    if (isWhole && names.some((name, at) => sent[at] === null && this.#isPending(type, name, null))) return 0;
    const changed: (Any | null)[] = [];
    let isHeld = false;
    let at = 0;
    for (const name of names) {
      if (isAsked || services === undefined || services.has(name)) {
        const had = sent[at] ?? null;
        const isPending = this.#isPending(type, name, had);
        const resource = isPending ? had : this.#resource(type, name);
        if (resource !== had) changed.push(resource);
        sent[at] = resource;
        isHeld ||= isPending;
      }
      at++;
    }
    if (changed.length === 0 && (isHeld || !isAsked)) return 0;
    const resources = (isAsked || isWhole ? sent : changed).filter((each) => each !== null);
    const nonce = String(++this.#responses);
    this.#unanswered++;
    subscription.nonce = nonce;
    subscription.isAsked = false;
    subscription.isRefused = false;
    this.#events.onSent(type);
    if (!this.#out.send({ versionInfo: nonce, nonce, typeUrl: typeUrls[type], resources })) this.#events.onFull();
    return resources.reduce((sum, { value }) => sum + value.byteLength, 100);
  }

  /** Whether what depends on the instances of a service has to wait: until then the client goes on with what it has. */
  #isPending(type: ResourceType, name: string, had: Any | null): boolean {
    if ((type !== "cluster" && type !== "assignment") || !this.#sees(name)) return false;
    if (this.#catalog.isPending(name)) return true;
    // Only before its first answer: what leaves after that does not come back.
    return had === null && this.#resumed.has(name) && this.#catalog.mayReturn(name);
  }

  /** `null`: it is taken away. */
  #resource(type: ResourceType, name: string): Any | null {
    if (type === "cluster" && this.#keepsEndpoints && !this.#isClusterThere(name)) return null;
    if (this.#sees(name)) return this.#catalog.resource(type, name, this.#place);
    const known = this.#unseen.get(name) ?? new Map<ResourceType, Any>();
    this.#unseen.set(name, known);
    const resource = known.get(type) ?? this.#catalog.absent(type, name);
    known.set(type, resource);
    return resource;
  }

  /** For a client that keeps endpoints: one that has none yet can be given a cluster without, so that its calls fail at once. */
  #isClusterThere(service: string): boolean {
    if (!this.#sees(service) || !this.#catalog.isCallable(service)) return !this.#withdrawn.has(service);
    this.#withdrawn.add(service);
    return true;
  }

  #ignore(what: string): void {
    if (this.#said.has(what) || this.#said.size >= mostIgnored) return;
    this.#said.add(what);
    this.#events.onIgnored(what, this.#node);
  }
}
