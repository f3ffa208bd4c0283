import type { Trial } from "./trial.ts";

/** One thing that every client does, and how it is tried. */
export interface Rule {
  /** Its name on the command line. */
  readonly id: string;
  /** What a client does, in a sentence. */
  readonly sentence: string;
  /** Where it stands: a page of docs/ and the heading. */
  readonly section: string;
  /** Which mode of the program it tries. */
  readonly mode: "worker" | "producer";
  /** It takes about so long, in seconds: rules that take long are tried first. Default: a few. */
  readonly seconds?: number;
  /** Tries it. @throws Broken if the program does not keep it */
  run(trial: Trial): Promise<void>;
}

/** A rule that a program does not keep, and how that was seen. */
export class Broken extends Error {
  override readonly name = "Broken";
}
