import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type {
  DiscoveryRequest,
  DiscoveryResponseSchema,
} from "../../../gen/envoy/service/discovery/v3/discovery_pb.js";
import { limits } from "../../contract/limits.ts";
import type { Outbound } from "../../grpc/handlers.ts";
import { checkCount, isQueueName } from "../convert/checks.ts";
import type { Catalog, CatalogWatcher } from "./catalog.ts";
import type { Place } from "./localities.ts";
import { type ResourceType, typeUrls } from "./resources.ts";

/** What a client has refused. */
export interface Nack {
  readonly type: ResourceType;
  readonly services: readonly string[];
  /** The client's reason. */
  readonly message: string;
  /** The client's name for itself. */
  readonly node: string;
}

/** What a session reports. */
export interface AdsSessionEvents {
  /** A client has refused what it was sent. */
  onNack(nack: Nack): void;
  /** Said once for each text: something that a client asks for is not answered. */
  onIgnored(what: string, node: string): void;
}

/** What a client has subscribed to of one type. */
interface Subscription {
  names: readonly string[];
  /** Of the newest response. */
  nonce: string;
  /** What the newest response held; `null`: there was none. */
  sent: readonly Any[] | null;
  /** Whether the next response goes out even if it holds the same. */
  isAsked: boolean;
}

/** In this order what a client is sent holds together: nothing refers to what it does not have yet. */
const order: readonly ResourceType[] = ["cluster", "assignment", "listener", "route"];

const typesByUrl: ReadonlyMap<string, ResourceType> = new Map(order.map((type) => [typeUrls[type], type]));

const nowhere: Place = { region: "", zone: "" };

/**
 * One stream of a client of xDS, state of the world: it names what it wants of each type, and is sent all of it whenever something of it has
 * changed. What it acknowledges or refuses is not answered.
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
  #place = nowhere;
  #node = "";
  #responses = 0;

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
   * @returns whether it asks for something: the others only say that a response has arrived
   * @throws SitqError INVALID_FIELD: too many names
   */
  take({ node, typeUrl, resourceNames, responseNonce, errorDetail }: DiscoveryRequest): boolean {
    if (node !== undefined && this.#node === "") {
      this.#node = [node.id, node.userAgentName].filter((each) => each !== "").join(" ") || "unnamed";
      this.#place = { region: node.locality?.region ?? "", zone: node.locality?.zone ?? "" };
    }
    checkCount("resource_names", resourceNames.length, limits.xdsNames, "names");
    const type = typesByUrl.get(typeUrl);
    if (type === undefined) {
      this.#ignore(`the type ${JSON.stringify(typeUrl.slice(0, 200))}`);
      return true;
    }
    const subscription = this.#subscriptions.get(type);
    if (subscription === undefined || responseNonce === "") {
      // Also on a new stream: what it says that it has may be of another server.
      this.#subscribe(type, resourceNames, true);
      return true;
    }
    // An answer to an older response; one to the newest is on its way.
    if (responseNonce !== subscription.nonce) return false;
    if (errorDetail !== undefined) {
      const message = errorDetail.message.slice(0, 1_000);
      this.#events.onNack({ type, services: subscription.names, message, node: this.#node });
    }
    if (isSame(subscription.names, namesOf(resourceNames))) return false;
    this.#subscribe(type, resourceNames, false);
    return true;
  }

  /** Sends what has changed of all that it watches, as far as there is room; the rest when there is. */
  refresh(): number {
    let bytes = 0;
    for (const type of order) {
      if (!this.#out.writable) return bytes;
      const subscription = this.#subscriptions.get(type);
      if (subscription !== undefined) bytes += this.#send(type, subscription);
    }
    return bytes;
  }

  /** Ends its watches. */
  close(): void {
    for (const service of this.#watched) this.#catalog.unwatch(service, this);
    this.#watched = new Set();
  }

  #subscribe(type: ResourceType, resourceNames: readonly string[], isAsked: boolean): void {
    const names = namesOf(resourceNames);
    const before = this.#subscriptions.get(type);
    const nonce = before?.nonce ?? "";
    this.#subscriptions.set(type, { names, nonce, sent: before?.sent ?? null, isAsked });
    this.#rewatch();
    this.refresh();
  }

  #rewatch(): void {
    const wanted = [...this.#subscriptions.values()].flatMap(({ names }) => names);
    const services = new Set(wanted.filter((name) => this.#isService(name)));
    for (const service of services) if (!this.#watched.has(service)) this.#catalog.watch(service, this);
    for (const service of this.#watched) if (!services.has(service)) this.#catalog.unwatch(service, this);
    this.#watched = services;
  }

  #isService(name: string): boolean {
    if (!isQueueName(name)) this.#ignore(`the name ${JSON.stringify(name.slice(0, 200))}, which no service can have`);
    else if (!this.#maySee(name)) this.#ignore(`the service ${name}, which it may not see`);
    else return true;
    return false;
  }

  #send(type: ResourceType, subscription: Subscription): number {
    const names = subscription.names.filter((name) => this.#watched.has(name) && this.#maySee(name));
    // Clients take a resource that is left out for one that does not exist.
    if (subscription.isAsked && names.some((name) => this.#catalog.isPending(name))) return 0;
    const resources = names.flatMap((name) => this.#catalog.resource(type, name, this.#place) ?? []);
    if (!subscription.isAsked && subscription.sent !== null && isSame(subscription.sent, resources)) return 0;
    const nonce = String(++this.#responses);
    this.#subscriptions.set(type, { ...subscription, nonce, sent: resources, isAsked: false });
    this.#out.send({ versionInfo: nonce, nonce, typeUrl: typeUrls[type], resources });
    return resources.reduce((sum, { value }) => sum + value.byteLength, 100);
  }

  #ignore(what: string): void {
    if (this.#said.has(what) || this.#said.size >= limits.xdsNames) return;
    this.#said.add(what);
    this.#events.onIgnored(what, this.#node);
  }
}

function namesOf(resourceNames: readonly string[]): readonly string[] {
  return [...new Set(resourceNames)].sort();
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((each, at) => each === b[at]);
}
