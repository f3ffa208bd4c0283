/** Every log level, the quietest first: each one lets through itself and all before it. */
export const logLevels = ["silent", "fatal", "error", "warn", "info", "debug", "trace"] as const;

/** How much is logged. */
export type LogLevel = (typeof logLevels)[number];

/** How lines are written: `auto` is text for a terminal, and JSON for everything else. */
export const logFormats = ["auto", "json", "text"] as const;

/** How lines are written. */
export type LogFormat = (typeof logFormats)[number];

/**
 * Says one thing: facts for programs, then one sentence for a person. A cause goes into `error`: it is written with its stack
 * and its own causes.
 */
export type LogMethod = (facts: Readonly<Record<string, unknown>>, message: string) => void;

/** Where a part of the server says what happens. Never hand it payloads or results; what slips in is left out by its key. */
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
