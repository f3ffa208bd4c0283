/** Where servers keep their data: in a file of SQLite, or in a database of PostgreSQL that is started for it. */
export const storeKinds = ["sqlite", "postgres"] as const;

/** One of `storeKinds`. */
export type StoreKind = (typeof storeKinds)[number];

/** What a torture is run with. */
export interface TortureOptions {
  /** When it should end, on `performance.now()`'s clock. It ends soon after. */
  readonly untilMs: number;
  /** What its choices are drawn from; the same seed makes the same choices. */
  readonly seed: number;
  /** Where the servers keep their data. Only `kill` and `feed` know another one than a file. */
  readonly store: StoreKind;
  /** How often a server is killed in each run. Only `kill` asks for it. Default: as it suits each of its tests. */
  readonly kills?: number | undefined;
  /** How many servers share the database of `kill`. Default 1. */
  readonly servers?: number | undefined;
  /** How many events `feed` stores, however long that takes. Default: as many as there is time for. */
  readonly events?: number | undefined;
  /** Shows how far it is, in a line. */
  readonly say: (progress: string) => void;
}

/** What came of a torture. */
export interface TortureResult {
  /** How much was tried and seen, in the order in which it is shown: `kills: 40`. */
  readonly counts: Readonly<Record<string, number>>;
  /** What must not be, one a line; empty: it stands. */
  readonly faults: readonly string[];
}

/** One way to hurt a server, with the judge of what it did. */
export interface Torture {
  readonly name: string;
  /** What is done and what is judged, in one line. */
  readonly what: string;
  /** Why it cannot be run here: a program or a right that is missing; `null`: it can. */
  missing(store: StoreKind): string | null;
  run(options: TortureOptions): Promise<TortureResult>;
}
