import type { StoredPrincipal } from "../domain/access/stored-principal.ts";
import { invalidField } from "../domain/errors.ts";

const mostCertificates = 20;
const longestCertificate = 2_048;

/** A certificate's name as one text: `uri spiffe://…`. */
export function certificateKey(kind: "uri" | "dns", name: string): string {
  return `${kind} ${kind === "dns" ? name.toLowerCase() : name}`;
}

/** All certificates of a principal, each as one text. */
export function certificateKeys({ certificateUris, certificateDnsNames }: StoredPrincipal): string[] {
  return [
    ...certificateUris.map((name) => certificateKey("uri", name)),
    ...certificateDnsNames.map((name) => certificateKey("dns", name)),
  ];
}

/** The names of certificates, each once. @throws SitqError INVALID_FIELD */
export function checkCertificateNames(field: string, names: readonly string[]): readonly string[] {
  if (names.length > mostCertificates) {
    throw invalidField(field, `has ${names.length} names; at most ${mostCertificates} are allowed`);
  }
  names.forEach((name, index) => {
    if (name === "" || name.length > longestCertificate || /[\s\p{Cc}]/u.test(name)) {
      throw invalidField(`${field}[${index}]`, "is not the name of a certificate", name);
    }
  });
  return [...new Set(names)];
}
