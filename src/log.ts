import { isatty } from "node:tty";
import { type DestinationStream, destination, pino, stdSerializers } from "pino";
import type { Clock } from "./domain/clock.ts";
import type { Log, LogFormat, LogLevel } from "./domain/log.ts";
import { logText } from "./log-text.ts";

/** How a log is made. */
export interface LogOptions {
  /** This level and the graver ones are written. */
  readonly level: LogLevel;
  /** Default `json`. */
  readonly format?: LogFormat;
  /** The wall clock of the lines. */
  readonly clock: Pick<Clock, "now">;
  /** Takes the lines. Default: standard error, which is never waited for, and written out when the process exits. */
  readonly destination?: DestinationStream;
}

/** How many characters may wait for a slow reader of standard error; beyond that lines are dropped, and the server goes on. */
const waitingCharacters = 4_194_304;

const standardError = 2;

/**
 * Makes the log of the process. As JSON, one object a line, with `level`, `time` (ISO 8601) and `msg` beside the facts. Line breaks
 * and the like arrive escaped, so that clients cannot inject log lines. What users send (payloads, results, bytes) and what
 * gives access (authorization, tokens, passwords) is left out by its key, however deep it lies. As text it says the same for a person.
 */
export function createLog(options: LogOptions): Log {
  const { level, clock, format = "json" } = options;
  const lines = options.destination ?? destination({ dest: standardError, sync: false, maxLength: waitingCharacters });
  const isTerminal = options.destination === undefined && isatty(standardError);
  const isText = format === "text" || (format === "auto" && isTerminal);
  const stream = isText ? { ...flushing(lines), write: (line: string) => lines.write(logText(line)) } : lines;
  return pino(
    {
      level,
      // The operator knows the process id and the host.
      base: null,
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: presentable },
    },
    stream,
  );
}

/** The method by which pino writes out what is buffered, of a stream that buffers. */
function flushing(stream: DestinationStream): object {
  return "flushSync" in stream && typeof stream.flushSync === "function"
    ? { flushSync: stream.flushSync.bind(stream) }
    : {};
}

/** The keys whose values are redacted. `payloadBytes` and the like are harmless. */
const secretKey =
  /^(payload|result)s?$|authorization|cookie|token(?!_id$)|secret|password|passphrase|credential|(api|private)[-_]?key/i;

/**
 * The facts as they are written. pino's own `redact` is not used: its paths have a fixed depth and letter case, and do not
 * see into what `toJSON` makes, such as the metadata of a call.
 */
function presentable(facts: Record<string, unknown>): Record<string, unknown> {
  try {
    return JSON.parse(JSON.stringify(facts, presentValue));
  } catch (error) {
    // A circle, or a toJSON that throws. The message is still worth its line.
    return { unwritable: Object.keys(facts), why: String(error) };
  }
}

function presentValue(this: unknown, key: string, value: unknown): unknown {
  if (secretKey.test(key)) return "[redacted]";
  if (value instanceof Error) return stdSerializers.errWithCause(value);
  if (typeof value === "bigint") return String(value);
  // toJSON has run: a Buffer is an object of all its bytes by now, and only its owner still has it.
  const original = typeof this === "object" && this !== null ? Reflect.get(this, key) : value;
  return original instanceof Uint8Array ? `[${original.length} bytes]` : value;
}
