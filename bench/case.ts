/** What a case is measured in. */
export type Unit = "tasks/s" | "calls/s" | "rows/s" | "ms" | "MB";

/** One thing that a round of a case measures. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
}

/** Where a case runs: in a client's process of its own, beside the server's. */
export interface Lab {
  /** Where the server of the case listens; empty: it has none. */
  readonly address: string;
  /** The server's process; 0: it has none. */
  readonly serverPid: number;
  /** A directory of the case's own. */
  readonly directory: string;
  /** A run that shows whether everything works, and whose figures say little. */
  readonly quick: boolean;
  /** Tells whoever waits how far it is. */
  say(progress: string): void;
}

/** A benchmark: one name, one question. */
export interface Case {
  readonly name: string;
  /** What is measured, in one line. */
  readonly what: string;
  /** Which process it talks to. */
  readonly server: "sitq" | "echo" | "none";
  /** The case that nothing of this sort can beat; its first figure is compared with this one's. */
  readonly ceiling?: string;
  /** What the first figure is to reach, or where lower is better, to stay below. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number };
  /**
   * Warms up, then measures round by round, in the client's process.
   *
   * @param rounds how many, at least 1
   */
  run(lab: Lab, rounds: number): Promise<readonly (readonly Figure[])[]>;
}
