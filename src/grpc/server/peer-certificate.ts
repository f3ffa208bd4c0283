import type { X509Certificate } from "node:crypto";
import type { Http2Session } from "node:http2";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { PeerCertificate } from "../handlers.ts";

const known = new WeakMap<Http2Session | Socket, PeerCertificate | null>();

/**
 * The certificate that the other end of a connection has shown, if the handshake verified its chain; `null`: none was shown, it
 * was not verified, or the connection has no TLS. It is read once for each connection.
 *
 * @param connection HTTP/2's session, or the socket of HTTP/1.1
 */
export function peerCertificateOf(connection: Http2Session | Socket): PeerCertificate | null {
  const found = known.get(connection);
  if (found !== undefined) return found;
  // A session has no socket any more then.
  if (connection.destroyed) return null;
  const socket = "socket" in connection ? connection.socket : connection;
  // The handshake sets `authorized` for a verified chain only, and for some connections without any certificate.
  const shown = socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const certificate = shown === undefined ? null : readCertificate(shown);
  known.set(connection, certificate);
  return certificate;
}

/** Reads what identifies the owner of a certificate. */
export function readCertificate({ subjectAltName, validToDate, fingerprint256 }: X509Certificate): PeerCertificate {
  const names = altNamesIn(subjectAltName ?? "");
  const valuesOf = (wanted: string) => names.filter(([kind]) => kind === wanted).map(([, value]) => value);
  return {
    uris: valuesOf("URI"),
    dnsNames: valuesOf("DNS"),
    notAfterMs: validToDate.getTime(),
    fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

/** A kind, and a value, which Node writes as a JSON string where it could be taken for more than one. */
const altName = /([^:,]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y;

/**
 * The subject's other names in the text that Node makes of them: `DNS:a.example, URI:"spiffe://a/b\u002cc"`. None where the text
 * has any other form: a name must not be guessed.
 */
export function altNamesIn(text: string): (readonly [kind: string, value: string])[] {
  const names: (readonly [string, string])[] = [];
  altName.lastIndex = 0;
  while (altName.lastIndex < text.length) {
    const [, kind, value] = altName.exec(text) ?? [];
    if (kind === undefined || value === undefined) return [];
    const plain = value.startsWith('"') ? jsonString(value) : value;
    if (plain === null) return [];
    names.push([kind, plain]);
  }
  return names;
}

function jsonString(text: string): string | null {
  try {
    return String(JSON.parse(text));
  } catch {
    return null;
  }
}
