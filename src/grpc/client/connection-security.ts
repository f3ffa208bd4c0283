import { isIP, type Socket } from "node:net";
import { checkServerIdentity, type SecureContext, connect as tlsConnect } from "node:tls";
import { CallCredentials, ChannelCredentials, type experimental } from "@grpc/grpc-js";

type Connector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

/** How the connections of a channel are secured, and what its calls carry. */
export interface ConnectionSecurity {
  /**
   * Answers the certificates and keys for one connection that begins, so that each new connection has those of the day. What it
   * throws fails the connection. Default: plaintext.
   */
  readonly tls?: (() => SecureContext) | undefined;
  /** The name that the server's certificate must be for. Default: the host of the target. */
  readonly serverName?: string | undefined;
  /** What each call carries, over plaintext too: its owner answers for that. Default: nothing. */
  readonly callCredentials?: CallCredentials | undefined;
}

/** Makes the credentials of a channel, as grpc-js takes them. */
export function channelCredentials(security: ConnectionSecurity): ChannelCredentials {
  return new SecuredCredentials(security);
}

/**
 * grpc-js's own keep the certificates that they were made with, and its provider that reads files again holds the process by a timer.
 * And they name an IP address as the server, which RFC 6066 forbids and Node warns of.
 */
class SecuredCredentials extends ChannelCredentials {
  readonly #security: ConnectionSecurity;

  constructor(security: ConnectionSecurity) {
    super();
    this.#security = security;
  }

  override _isSecure(): boolean {
    return this.#security.tls !== undefined;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(target: experimental.GrpcUri, _options: object, own?: CallCredentials): Connector {
    const { tls, serverName = hostOf(target), callCredentials = CallCredentials.createEmpty() } = this.#security;
    const composed = own === undefined ? callCredentials : callCredentials.compose(own);
    return {
      connect: (socket) =>
        tls === undefined ? Promise.resolve({ socket, secure: false }) : secured(socket, tls, serverName),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => composed,
      destroy: () => undefined,
    };
  }
}

async function secured(socket: Socket, tls: () => SecureContext, name: string) {
  const secureContext = tls();
  return new Promise<{ socket: Socket; secure: boolean }>((resolve, reject) => {
    const secure = tlsConnect({
      socket,
      secureContext,
      ALPNProtocols: ["h2"],
      ...(isIP(name) === 0 && { servername: name }),
      checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
    });
    secure.once("secureConnect", () => resolve({ socket: secure, secure: true }));
    // After the handshake its other owners hear of an error too.
    secure.on("error", reject);
    secure.once("close", () => reject(new Error("ECONNRESET: the connection was closed in the TLS handshake")));
  });
}

/** The host of a target: of `dns:host:port` and of a path of a socket too. */
function hostOf({ scheme, path }: experimental.GrpcUri): string {
  if (scheme?.startsWith("unix")) return "localhost";
  const { ipv6, host } = /^(?:\[(?<ipv6>[^\]]+)\]|(?<host>[^:]+))(?::\d+)?$/.exec(path)?.groups ?? {};
  return ipv6 ?? host ?? path;
}
