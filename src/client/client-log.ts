/** Says one thing: facts for programs, then one sentence for a person. */
export type ClientLogMethod = (facts: Readonly<Record<string, unknown>>, message: string) => void;

/** Where the SDK says what happens. A pino logger is one. It is never handed payloads or results. */
export interface ClientLog {
  /** Something is broken that somebody has to look at. */
  readonly error: ClientLogMethod;
  /** Something is odd, and the SDK copes. */
  readonly warn: ClientLogMethod;
  /** A worker connected, or is gone. */
  readonly info: ClientLogMethod;
  /** What helps to follow one connection. */
  readonly debug: ClientLogMethod;
}

const nothing: ClientLogMethod = () => undefined;

/** The log of a client that was given none. */
export const silentClientLog: ClientLog = { error: nothing, warn: nothing, info: nothing, debug: nothing };
