import type { Server } from "node:net";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import { quietReport, type Reporting } from "./limits/quiet-report.ts";

/** Whether clients show a certificate: never, if they have one, or always. */
export type ClientAuth = "none" | "optional" | "require";

/** TLS as a server uses it. */
export interface ServerTls {
  readonly clientAuth: ClientAuth;
  readonly certificates: {
    /** The context that is in force. */
    readonly context: SecureContextOptions;
    /** Calls `listener` with each that takes its place. */
    onChange(listener: (context: SecureContextOptions) => void): void;
  };
}

/**
 * Closes connections whose client has shown a certificate that was not verified, which a listener with optional certificates lets
 * pass; and logs why handshakes fail, each reason once a minute.
 */
export function watchHandshakes(listeners: readonly Server[], reporting: Reporting): void {
  // The reasons are codes of OpenSSL and Node: there are not many.
  const reports = new Map<string, ReturnType<typeof quietReport>>();
  const report = (reason: string, socket: TLSSocket) => {
    const warn = reports.get(reason) ?? quietReport(reporting);
    reports.set(reason, warn);
    warn(
      { reason, peer: socket.remoteAddress },
      "a TLS handshake failed; others for this reason are not logged for a minute",
    );
  };
  for (const listener of listeners) {
    // Before grpc-js takes the connection.
    listener.prependListener("secureConnection", (socket: TLSSocket) => {
      if (socket.authorized || socket.getPeerX509Certificate() === undefined) return;
      report(String(socket.authorizationError), socket);
      socket.destroy();
    });
    listener.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      report(String(socket.authorizationError ?? error.code ?? error.message), socket);
    });
  }
}
