import type { SecureContextOptions } from "node:tls";
import { ServerCredentials } from "@grpc/grpc-js";

/** How a listener asks clients for their certificates. */
export interface HandshakeOptions {
  /** `optional`: a certificate that is shown must still be verified, by `refuseUnverified`. */
  readonly clientAuth: "none" | "optional" | "require";
  /** How long a handshake may take, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * TLS for a server of grpc-js, with a context that can be replaced while it listens. Connections that stand keep theirs.
 *
 * Not `createSsl`: what it takes is fixed. Not the certificate providers of grpc-js either: they put ciphers beside the context, and
 * a new context takes them away (findings/grpc-js-tls-update-drops-ciphers.sh).
 */
export class TlsServerCredentials extends ServerCredentials {
  /** @param context all of it: protocol versions and ciphers too */
  constructor(context: SecureContextOptions, { clientAuth, timeoutMs }: HandshakeOptions) {
    const requestCert = clientAuth !== "none";
    super({ requestCert, rejectUnauthorized: clientAuth === "require", handshakeTimeout: timeoutMs }, context);
  }

  /** Sets the context of all handshakes from now on. */
  replace(context: SecureContextOptions): void {
    this.updateSecureContextOptions(context);
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
