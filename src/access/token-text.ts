import { createHash, randomBytes } from "node:crypto";

/** What a client sends: `sitq_`, the token's id, `_`, and the secret. The id is no secret: it is in lists and logs. */
const form = /^sitq_([0-9a-z]{12})_([A-Za-z0-9_-]{43})$/;

/** The parts of a token. */
export interface TokenText {
  readonly id: string;
  readonly secret: string;
}

/** Reads a token; `null`: it is not one. */
export function parseToken(text: string): TokenText | null {
  const [, id, secret] = form.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/** The id of a token of which the id or the whole is given: who is in a hurry to revoke it has the whole. */
export function tokenIdIn(text: string): string {
  return parseToken(text)?.id ?? text;
}

/** Writes a token. */
export function formatToken({ id, secret }: TokenText): string {
  return `sitq_${id}_${secret}`;
}

/** The SHA-256 of a secret, in hexadecimal: a secret of 256 random bits needs no slow hash. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/** Makes an id of a token that is not taken. */
export function newTokenId(isTaken: (id: string) => boolean): string {
  for (;;) {
    const id = Array.from(randomBytes(12), (byte) => idAlphabet.charAt(byte & 31)).join("");
    if (!isTaken(id)) return id;
  }
}

/** Whether a text is meant as a token of ours, well formed or not. */
export function isToken(text: string): boolean {
  return text.startsWith("sitq_");
}
