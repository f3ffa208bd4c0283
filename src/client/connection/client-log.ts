/** Says one thing: facts for programs, then one sentence for a person. */
export type ClientLogMethod = (facts: Readonly<Record<string, unknown>>, message: string) => void;

/** A log for the SDK. A pino logger is one. It never gets payloads or results. */
export interface ClientLog {
  /** Something is broken and stays so until it is mended. */
  readonly error: ClientLogMethod;
  /** A handler failed, the server is out of reach or back, or something is odd, and the SDK copes. */
  readonly warn: ClientLogMethod;
  /** A worker connected or disconnected, an instance is registered. */
  readonly info: ClientLogMethod;
  /** What helps to follow one connection. */
  readonly debug: ClientLogMethod;
}

const levels = ["error", "warn", "info", "debug"] as const;

/** The lowest level that the SDK writes to standard error. `silent`: none. */
export type ClientLogLevel = (typeof levels)[number] | "silent";

const nothing: ClientLogMethod = () => undefined;

/** The longest line, in characters. */
const longestLine = 1_000;

/**
 * Creates a log of plain lines: `sitq: warn: …`. Control characters stand as blanks.
 *
 * @param write is handed each line, with its end
 */
export function createTextLog(level: ClientLogLevel, write: (line: string) => void): ClientLog {
  const last = level === "silent" ? -1 : levels.indexOf(level);
  const method = (own: (typeof levels)[number]): ClientLogMethod => {
    if (levels.indexOf(own) > last) return nothing;
    return (_, message) => write(`${clipped(`sitq: ${own}: ${message}`)}\n`);
  };
  return { error: method("error"), warn: method("warn"), info: method("info"), debug: method("debug") };
}

/**
 * The log that an option means: a log as it is, or a level of plain lines on standard error.
 *
 * @throws TypeError if it is neither
 */
export function clientLogOf(option: ClientLog | ClientLogLevel): ClientLog {
  if (typeof option !== "string") return option;
  if (option !== "silent" && !levels.includes(option)) {
    throw new TypeError(`log: ${JSON.stringify(option)} is none of ${[...levels, "silent"].join(", ")}, and no log.`);
  }
  return createTextLog(option, (line) => void process.stderr.write(line));
}

/** What was thrown, in words. */
export function errorText(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}

function clipped(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, " ").trim();
  return line.length <= longestLine ? line : `${line.slice(0, longestLine - 1)}…`;
}
