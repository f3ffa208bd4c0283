import type { Row } from "./session.ts";

/** Runs statements, one after the other, in the order of the calls. */
export interface Statements {
  /** Runs a statement; answers its rows. */
  all<R = Row>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Runs a statement that answers one row at the most. */
  get<R = Row>(text: string, values?: readonly unknown[]): Promise<R | undefined>;
  /** Runs a statement; answers how many rows it wrote. */
  run(text: string, values?: readonly unknown[]): Promise<number>;
  /**
   * Sends a statement without waiting for it, of the open transaction. Should it fail, so does whatever is called next, or the commit, with the
   * cause.
   *
   * @param causeOf what an error of the statement is taken for. Default: itself
   */
  send(text: string, values?: readonly unknown[], causeOf?: (error: unknown) => unknown): void;
}
