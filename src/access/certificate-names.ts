import type { StoredPrincipal } from "../domain/access/stored-principal.ts";
import { invalidField, quoted } from "../domain/errors.ts";

const mostCertificates = 20;
const longestCertificate = 2_048;

/** What a certificate says of its owner. */
export interface CertificateNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
}

type CertificateKind = "uri" | "dns";

/** A URI has a scheme (RFC 3986, 3.1), a SPIFFE ID a trust domain and a path; a DNS name consists of labels. */
const forms: Readonly<Record<CertificateKind, RegExp>> = {
  uri: /^(?!spiffe:(?!\/\/[^/]+\/.))[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/i,
  dns: /^[a-z0-9_*-]+(\.[a-z0-9_-]+)*\.?$/i,
};
const mistakes: Readonly<Record<CertificateKind, string>> = {
  uri: "is not a URI, as spiffe://example.org/mail",
  dns: "is not a DNS name, as mail.example.org",
};

/** A certificate's name as one text: `uri spiffe://…`. */
export function certificateKey(kind: CertificateKind, name: string): string {
  return `${kind} ${kept(kind, name)}`;
}

/** A certificate's name, as one text, in words: `URI "spiffe://…"`. */
export function certificateWords(key: string): string {
  const [kind = "", ...name] = key.split(" ");
  return `${kind === "uri" ? "URI" : "DNS name"} ${quoted(name.join(" "))}`;
}

/** A name as it is kept: the case of DNS names means nothing (RFC 4343). */
function kept(kind: CertificateKind, name: string): string {
  return kind === "dns" ? name.toLowerCase() : name;
}

/** All certificates of a principal, each as one text. */
export function certificateKeys({ certificateUris, certificateDnsNames }: StoredPrincipal): string[] {
  return [
    ...certificateUris.map((name) => certificateKey("uri", name)),
    ...certificateDnsNames.map((name) => certificateKey("dns", name)),
  ];
}

/** The names of certificates as they are kept, each once. @throws SitqError INVALID_FIELD */
export function checkCertificateNames(
  field: string,
  kind: CertificateKind,
  names: readonly string[],
): readonly string[] {
  if (names.length > mostCertificates) {
    throw invalidField(field, `has ${names.length} names; at most ${mostCertificates} are allowed`);
  }
  names.forEach((name, index) => {
    if (name.length <= longestCertificate && forms[kind].test(name)) return;
    throw invalidField(`${field}[${index}]`, mistakes[kind], name);
  });
  return [...new Set(names.map((name) => kept(kind, name)))];
}
