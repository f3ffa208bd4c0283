import type { ServerHttp2Stream } from "node:http2";
import type { Server, Socket } from "node:net";
import { longestMessageMs } from "../grpc/server/call-guard.ts";
import { HttpDoor, type HttpDoorOptions } from "./http-door.ts";
import { Http1Server, type Http1Settings } from "./http1-server.ts";
import { splitCalls, splitConnections } from "./split-protocols.ts";

type HttpBounds = Pick<HttpDoorOptions, "maxReceiveBytes" | "firstMessageTimeoutMs">;

/** What a server over HTTP is made of. */
export interface HttpServerOptions extends Omit<HttpDoorOptions, "bounds" | keyof HttpBounds> {
  readonly settings: Omit<Http1Settings, "longestRequestMs"> & HttpDoorOptions["bounds"] & HttpBounds;
  /** Called with each call over HTTP/2 that is not gRPC's. */
  readonly onHttp2Call: (stream: ServerHttp2Stream) => void;
}

/** HTTP on the port of gRPC, over HTTP/1.1 and HTTP/2. */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #http1: Http1Server;
  readonly #door: HttpDoor;
  readonly #undecided = new Set<Socket>();

  constructor(options: HttpServerOptions) {
    const { settings } = options;
    this.#options = options;
    this.#door = new HttpDoor({ ...options, ...settings, bounds: settings });
    this.#http1 = new Http1Server({ ...settings, longestRequestMs: longestMessageMs(settings) }, (request, response) =>
      this.#door.handle(request, response, this.#http1),
    );
  }

  /** Takes from some listeners what is not gRPC's. */
  attach(listeners: readonly Server[]): void {
    const { settings, onHttp2Call } = this.#options;
    const onHttp1 = this.#http1.accept.bind(this.#http1);
    splitConnections(listeners, {
      onHttp1,
      undecided: this.#undecided,
      silenceMs: settings.firstMessageTimeoutMs,
    });
    splitCalls(listeners, (request, response) => {
      onHttp2Call(request.stream);
      this.#door.handle(request, response, this.#http1);
    });
  }

  /** Closes the connections of HTTP/1.1, each when it has no request, and those that have said nothing. Those of HTTP/2 are gRPC's. */
  stop(): void {
    for (const socket of this.#undecided) socket.destroy();
    this.#http1.stop();
  }

  /** Ends those that are left. */
  cutOff(): void {
    this.#http1.cutOff();
  }
}
