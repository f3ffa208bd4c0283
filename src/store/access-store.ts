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
   * @param mode `create`: answers `exists` where there is one of this name; `update`: `not_found` where there is none
   */
  putPrincipal(principal: StoredPrincipal, mode: "create" | "update"): Promise<PutPrincipalAnswer>;
  /** Deletes a principal with its tokens. */
  deletePrincipal(name: string): Promise<"deleted" | "not_found">;
  /** Stores a token, or replaces the one with its id. Answers `not_found` where its principal does not exist. */
  putToken(token: Token): Promise<"stored" | "not_found">;
  /** The key of page tokens, 32 bytes in hexadecimal; every file has its own. */
  pageKey(): Promise<string>;
  /** Stores when tokens were used; those that are gone are passed over. */
  setTokenUses(uses: readonly { readonly id: string; readonly lastUseMs: number }[]): Promise<void>;
}
