import type { Store } from "../../store.ts";

/** A verb of the store as it runs on the engine's own thread, inside a transaction. */
export type SyncVerb<V extends (...args: never[]) => Promise<unknown>> = (
  ...args: Parameters<V>
) => Awaited<ReturnType<V>>;

/** The verbs that run in transactions. The rest of the store's contract concerns the thread itself. */
export type VerbName = Exclude<
  keyof Store,
  "engine" | "subscribe" | "subscribeWorkflows" | "onDisk" | "onReady" | "backup" | "failed" | "close"
>;

/** Every verb, on an open database. */
export type Verbs = { readonly [Name in VerbName]: SyncVerb<Store[Name]> };
