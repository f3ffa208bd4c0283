/** Every log level, the quietest first. At each one the lines of this level and of all before it are written. */
export const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;

/** How much is logged. */
export type LogLevel = (typeof logLevels)[number];

/** The formats of the log. `auto` writes text to a terminal and JSON to anything else. */
export const logFormats = ["auto", "json", "text"] as const;

/** The format of the log. */
export type LogFormat = (typeof logFormats)[number];

/**
 * Writes one line: facts for programs, and one sentence for a person. An error goes into the fact `error`: it is written with its
 * stack and its causes.
 */
export type LogMethod = (facts: Readonly<Record<string, unknown>>, message: string) => void;

/** The log of the server. Payloads and results do not belong in it; those that get in by mistake are redacted by their key. */
export interface Log {
  /** The server cannot go on. */
  readonly fatal: LogMethod;
  /** Something is broken that the operator has to look at. */
  readonly error: LogMethod;
  /** Something is odd, and the server copes. */
  readonly warn: LogMethod;
  /** The few things that an operator wants to see of a healthy server. */
  readonly info: LogMethod;
  /** What a developer wants to see of one connection or one queue. */
  readonly debug: LogMethod;
  /** Every message. */
  readonly trace: LogMethod;
}

const nothing: LogMethod = () => undefined;

/** A log that discards everything, for tests and tools. */
export const silentLog: Log = {
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
};
