/** What a figure is measured in. */
export type Unit =
  | "tasks/s"
  | "workflows/s"
  | "events/s"
  | "calls/s"
  | "messages/s"
  | "rows/s"
  | "ms"
  | "s"
  | "µs"
  | "MB"
  | "%"
  | "ratio";

/** One thing that a round of a case measures. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly value: number;
}

/** Where a case runs: in a client's process of its own, beside the server's. */
export interface CaseContext {
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

/** Answers the median of a figure of another case, by default its first; NaN if it was not measured in this run. */
export type Measured = (name: string, figure?: string) => number;

/** A bound of a figure: a number, or one that follows from the ceilings of the same run. */
export type Bound = number | ((of: Measured) => number);

/** What a figure is to reach, or where lower is better, to stay below. */
export type Goal = { readonly figure: string } & (
  | { readonly atLeast: Bound; readonly atMost?: never }
  | { readonly atMost: Bound; readonly atLeast?: never }
);

/** What nothing of this sort can beat: a figure of another case, by default its first. */
export interface Ceiling {
  readonly name: string;
  readonly figure?: string;
}

/** A benchmark: one name, one question. */
export interface Case {
  readonly name: string;
  /** What is measured, in one line. */
  readonly what: string;
  /** Which process it talks to; `none`: it starts what it needs itself. */
  readonly server: "sitq" | "echo" | "none";
  /** The first figure is compared with these; they are measured in the same run. */
  readonly ceilings?: readonly Ceiling[];
  readonly goals?: readonly Goal[];
  /**
   * Warms up, then measures round by round, in the client's process.
   *
   * @param rounds how many, at least 1
   */
  run(context: CaseContext, rounds: number): Promise<readonly (readonly Figure[])[]>;
}
