import type { StoreVerbs } from "../../store.ts";

/** A verb of the store as it runs on the engine's own thread, inside a transaction. */
export type SyncVerb<V extends (...args: never[]) => Promise<unknown>> = (
  ...args: Parameters<V>
) => Awaited<ReturnType<V>>;

/** Thrown by a claim that runs before the transaction of its batch, and would have to write, or finds too little. It has changed nothing. */
export const needsTransaction = new Error("the claim needs a transaction");

/** The verbs, which run in transactions. */
export type VerbName = keyof StoreVerbs;

/** Every verb, on an open database. */
export type Verbs = { readonly [Name in VerbName]: SyncVerb<StoreVerbs[Name]> };
