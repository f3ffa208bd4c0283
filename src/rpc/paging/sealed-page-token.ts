import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { invalidPageToken } from "../../domain/refusals/server.ts";
import type { AccessStore } from "../../store/access-store.ts";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Page tokens of lists that are narrowed to a scope after they are read: what a page ends with may be out of the scope, so that it is
 * encrypted. The key is in the file, so that tokens outlive a restart.
 */
export class SealedPageTokens {
  readonly #store: Pick<AccessStore, "pageKey">;
  #key: Promise<Buffer> | null = null;

  constructor(store: Pick<AccessStore, "pageKey">) {
    this.#store = store;
  }

  /**
   * Makes the token of the next page; empty if there is none.
   *
   * @param query everything that decides which items are listed, without size and token
   * @param cursor where the next page begins
   */
  async seal(query: unknown, cursor: string | null): Promise<string> {
    if (cursor === null) return "";
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, await this.#readKey(), nonce).setAAD(bytesOf(query));
    const sealed = [cipher.update(cursor, "utf8"), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString("base64url");
  }

  /**
   * The cursor of a token; `null` for the first page.
   *
   * @throws SitqError INVALID_PAGE_TOKEN if it is not one of this query's
   */
  async open(query: unknown, token: string): Promise<string | null> {
    if (token === "") return null;
    const bytes = Buffer.from(token, "base64url");
    const cursor = decrypted(bytes, await this.#readKey(), query);
    if (cursor === null) throw invalidPageToken();
    return cursor;
  }

  async #readKey(): Promise<Buffer> {
    this.#key ??= this.#store.pageKey().then((text) => Buffer.from(text, "hex"));
    try {
      return await this.#key;
    } catch (error) {
      this.#key = null;
      throw error;
    }
  }
}

/** `null`: it was not encrypted with the key for this query. */
function decrypted(bytes: Buffer, key: Buffer, query: unknown): string | null {
  const sealedAt = nonceBytes + tagBytes;
  if (bytes.length < sealedAt) return null;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(bytesOf(query))
    .setAuthTag(bytes.subarray(nonceBytes, sealedAt));
  const begin = decipher.update(bytes.subarray(sealedAt));
  try {
    return Buffer.concat([begin, decipher.final()]).toString();
  } catch {
    // It says so by throwing.
    return null;
  }
}

function bytesOf(query: unknown): Buffer {
  return Buffer.from(JSON.stringify(query));
}
