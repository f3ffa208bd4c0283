import type { StoredPrincipal } from "../domain/access/stored-principal.ts";
import { invalidField } from "../domain/errors.ts";

const mostCertificates = 20;
const longestCertificate = 2_048;

/** What a certificate says of its owner. */
export interface CertificateNames {
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
}

type CertificateKind = "uri" | "dns";

/** A certificate's name as one text: `uri spiffe://…`. */
export function certificateKey(kind: CertificateKind, name: string): string {
  return `${kind} ${kept(kind, name)}`;
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
    if (name === "" || name.length > longestCertificate || /[\s\p{Cc}]/u.test(name)) {
      throw invalidField(`${field}[${index}]`, "is not the name of a certificate", name);
    }
  });
  return [...new Set(names.map((name) => kept(kind, name)))];
}
