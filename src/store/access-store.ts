import type { StoredPrincipal, Token } from "../domain/access/stored-principal.ts";

/** Everything that is stored of who may do what. */
export interface StoredAccess {
  /** By name. */
  readonly principals: readonly StoredPrincipal[];
  /** By their creation. */
  readonly tokens: readonly Token[];
}

/** What became of a principal that was to be stored. */
export type PutPrincipalAnswer =
  | { readonly status: "stored" }
  | { readonly status: "exists" }
  | { readonly status: "not_found" }
  /** It is not the one any more that was to be replaced: another server has changed it. */
  | { readonly status: "changed" }
  /** Another principal has this certificate name. */
  | { readonly status: "certificate_in_use"; readonly certificate: string };

/** The part of the store that keeps principals and tokens, under the same promises as the rest of it. */
export interface AccessStore {
  readAccess(): Promise<StoredAccess>;
  /** Another number than before once `readAccess` may answer something else, whichever server has changed it; uses of tokens do not count. */
  accessRevision(): Promise<number>;
  /**
   * Stores a principal.
   *
   * @param replaced the update time of the one that it replaces: answers `changed` where that has another by now, and `not_found` where there is
   *   none; null: it is new, and `exists` is answered where there is one of this name. Its own update time is another one
   */
  putPrincipal(principal: StoredPrincipal, replaced: number | null): Promise<PutPrincipalAnswer>;
  /** Deletes a principal with its tokens. */
  deletePrincipal(name: string): Promise<"deleted" | "not_found">;
  /**
   * Stores a token, or replaces the one with its id: once revoked it stays as it was revoked. Answers `not_found` where its principal does not exist.
   */
  putToken(token: Token): Promise<"stored" | "not_found">;
  /** The key of page tokens, 32 bytes in hexadecimal; every file has its own. */
  pageKey(): Promise<string>;
  /** Stores when tokens were used; those that are gone are passed over. */
  setTokenUses(uses: readonly { readonly id: string; readonly lastUseMs: number }[]): Promise<void>;
}
