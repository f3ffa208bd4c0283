import { connectivityState, type Client as GrpcClient, status as statusCode } from "@grpc/grpc-js";
import { CallError } from "../../grpc/client/call-error.ts";
import { type CallRoute, type OpenClientCall, type Routing, routeOver } from "../../grpc/client/call-route.ts";
import { type ChannelPool, createChannelPool } from "../../grpc/client/channel-pool.ts";
import { noRoom } from "../../grpc/client/unreached.ts";
import { isOfServer, type ServerChoice, type Stay } from "./server-choice.ts";

/** The routes to the servers of a client. */
export interface ServerRoutes {
  /** Of calls that are answered soon. */
  readonly short: Routing;
  /** Of calls that stay open. */
  readonly held: Routing;
  /** Opens a connection to the server that is called now, for one call. */
  openDedicated(): DedicatedRoute;
  /** Closes the connections. Idempotent. */
  close(): void;
}

/** A connection of its own. */
export interface DedicatedRoute {
  readonly route: CallRoute;
  /** Whether there is another server, which was not left a moment ago. */
  hasFreshOther(): boolean;
  /** Calls another server from now on, if the failure is one of this server. */
  failed(error: CallError): void;
  close(): void;
}

/** How long a server that is one of several has to take a connection, in milliseconds. */
const connectTimeoutMs = 5_000;

/**
 * Makes the routes.
 *
 * @param open opens a channel to a server
 */
export function createServerRoutes(choice: ServerChoice, open: (address: string) => GrpcClient): ServerRoutes {
  const [only, ...others] = choice.addresses as [string, ...string[]];
  const routes = others.length === 0 ? routesToOne(only, open) : routesToSeveral(choice, open);
  return {
    ...routes,
    close() {
      choice.close();
      routes.close();
    },
    openDedicated() {
      const stay = choice.current;
      const channel = open(stay.address);
      const route = routeOver(channel);
      return {
        route: others.length === 0 ? route : new RouteToOneOfSeveral({ choice, routeTo: () => route }, stay),
        hasFreshOther: () => choice.hasFreshOther,
        failed(error) {
          if (isOfServer(error)) choice.leave(stay, error);
        },
        close: () => channel.close(),
      };
    },
  };
}

function routesToOne(address: string, open: (address: string) => GrpcClient) {
  const channel = open(address);
  const pool = createChannelPool(() => open(address));
  const short = routeOver(channel);
  return {
    short: () => short,
    held: () => pool,
    close() {
      channel.close();
      pool.close();
    },
  };
}

/** The connections to one of several servers. They stay when another is called: what is open ends by itself. */
interface Connections {
  readonly channel: GrpcClient;
  readonly short: CallRoute;
  readonly held: ChannelPool;
}

function routesToSeveral(choice: ServerChoice, open: (address: string) => GrpcClient) {
  const byAddress = new Map<string, Connections>();
  let isClosed = false;

  function connectionsTo(address: string): Connections {
    let known = byAddress.get(address);
    if (known === undefined) {
      const channel = open(address);
      known = { channel, short: routeOver(channel), held: createChannelPool(() => open(address)) };
      byAddress.set(address, known);
      if (isClosed) close();
    }
    return known;
  }

  function close(): void {
    isClosed = true;
    for (const { channel, held } of byAddress.values()) {
      channel.close();
      held.close();
    }
  }

  const short = { choice, routeTo: (address: string) => connectionsTo(address).short };
  const held = { choice, routeTo: (address: string) => connectionsTo(address).held };
  return {
    short: () => new RouteToOneOfSeveral(short, choice.current),
    held: () => new RouteToOneOfSeveral(held, choice.current),
    close,
  };
}

/** The servers as one call needs them. */
interface Servers {
  readonly choice: ServerChoice;
  routeTo(address: string): CallRoute;
}

/** The route of one call to one of several servers. */
class RouteToOneOfSeveral implements CallRoute {
  readonly tokenVersion = null;
  readonly hasOthers = true;
  readonly #servers: Servers;
  readonly #stay: Stay;
  readonly #route: CallRoute;
  /** The addresses that the call was not sent to, since they were not reached. */
  readonly #unreached: readonly string[];
  #isOverdue = false;

  constructor(servers: Servers, stay: Stay, unreached: readonly string[] = []) {
    this.#servers = servers;
    this.#stay = stay;
    this.#route = servers.routeTo(stay.address);
    this.#unreached = unreached;
  }

  begin<C extends OpenClientCall>(make: (channel: GrpcClient) => C): C {
    return this.#route.begin((channel) => {
      const call = make(channel);
      if (!isConnected(channel)) this.#giveUpUnlessConnected(call, channel);
      return call;
    });
  }

  failure(thrown: unknown): CallError {
    const error = this.#isOverdue ? this.#overdue(thrown) : this.#route.failure(thrown, null);
    if (isOfServer(error)) this.#servers.choice.leave(this.#stay, error);
    return this.#unreached.length === 0 ? error : namingAll(error, [...this.#unreached, this.#stay.address]);
  }

  elsewhere({ code, unreached }: CallError): CallRoute | null {
    const isSafe = code === statusCode.UNAVAILABLE && unreached?.maybeSent === false && unreached.why !== noRoom;
    if (!isSafe) return null;
    const tried = [...this.#unreached, this.#stay.address];
    const { current, addresses } = this.#servers.choice;
    const stays = [current, ...addresses.map((address) => ({ address }))];
    const stay = stays.find(({ address }) => !tried.includes(address));
    return stay === undefined ? null : new RouteToOneOfSeveral(this.#servers, stay, tried);
  }

  /** A machine that is gone refuses nothing: the system would wait for it for minutes. */
  #giveUpUnlessConnected(call: OpenClientCall, channel: GrpcClient): void {
    const timer = setTimeout(() => {
      if (isConnected(channel)) return;
      this.#isOverdue = true;
      call.cancel();
    }, connectTimeoutMs).unref();
    call.once("status", () => clearTimeout(timer));
  }

  #overdue(cause: unknown): CallError {
    const unreached = { why: "it does not answer", maybeSent: false };
    const text = `cannot reach ${this.#stay.address}: ${unreached.why}`;
    return new CallError(text, { code: statusCode.UNAVAILABLE, unreached, cause });
  }
}

function isConnected(channel: GrpcClient): boolean {
  return channel.getChannel().getConnectivityState(false) === connectivityState.READY;
}

/** An error of the last server, of a call that was sent to none. */
function namingAll(error: CallError, addresses: readonly string[]): CallError {
  const { unreached } = error;
  if (unreached === null || unreached.maybeSent) return error;
  return new CallError(`cannot reach ${addresses.join()}: ${unreached.why}`, { ...error, cause: error.cause });
}
