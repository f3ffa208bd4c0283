import { RetryLaterError, TerminalError } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { InexactNumberError, parseJson } from "../../contract/json-text.ts";
import { printableLines } from "../terminal/printable.ts";
import { maxOutputBytes, type ProgramEnd } from "./command-line.ts";

/** Exit codes of sysexits.h that say more than that something failed. */
export const programExitCodes = {
  /** EX_DATAERR: the input is wrong, and trying again cannot help. */
  terminal: 65,
  /** EX_TEMPFAIL: try again later. */
  retryLater: 75,
} as const;

/** A program that failed; the attempt is retried by the task's policy. */
export class ProgramFailed extends Error {
  /** The error for programs, as `last_error.type` shows it: `EXIT_3`, `SIGSEGV`, `PROGRAM_TIMEOUT`. */
  override readonly name: string;

  constructor(message: string, type: string) {
    super(message);
    this.name = type;
  }
}

/**
 * What a program's end means for its task: standard output is the result, as JSON if it is that, else as text, else as bytes;
 * nothing but blanks is none. The last line on standard error is why it failed, and what stands before it the trace.
 *
 * @param retryDelayMs when to try again after the exit code for it, in milliseconds
 * @throws TerminalError, RetryLaterError or ProgramFailed unless it ended well
 */
export function resultOfProgram(end: ProgramEnd, retryDelayMs: number): unknown {
  const { exitCode, endedBy, stdout, wroteTooMuch } = end;
  if (wroteTooMuch) {
    const text = `The program wrote more than ${maxOutputBytes} bytes.`;
    throw traced(new TerminalError(text, { type: "RESULT_TOO_LARGE" }));
  }
  if (exitCode === 0) return resultOf(stdout);
  const how = exitCode === null ? `was ended by ${endedBy}` : `ended with exit code ${exitCode}`;
  const said = printableLines(end.stderrTail).trim();
  const lastLine = said.slice(said.lastIndexOf("\n") + 1).trim();
  const message = lastLine || `The program ${how} and wrote nothing to standard error.`;
  const trace = said === lastLine ? "" : said;
  const type = exitCode === null ? String(endedBy) : `EXIT_${exitCode}`;
  switch (exitCode) {
    case programExitCodes.terminal:
      throw traced(new TerminalError(message, { type }), trace);
    case programExitCodes.retryLater:
      throw traced(new RetryLaterError(message, retryDelayMs, { type }), trace);
    default:
      throw traced(new ProgramFailed(message, type), trace);
  }
}

/** The error of a program that ran for too long, in milliseconds. */
export function ranTooLong(timeoutMs: number): ProgramFailed {
  return traced(
    new ProgramFailed(`The program ran longer than ${formatDuration(timeoutMs)} and was stopped.`, "PROGRAM_TIMEOUT"),
  );
}

function resultOf(stdout: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(stdout);
  } catch {
    return stdout;
  }
  if (text.trim() === "") return undefined;
  try {
    return parseJson(text);
  } catch (error) {
    // A number by itself is taken as the line that it is.
    if (error instanceof InexactNumberError && error.place !== "$") {
      const digits = error.digits.slice(0, 40);
      const message = `The program's result has ${digits} at ${error.place.slice(0, 500)}, which would be changed: print it as "${digits}".`;
      throw traced(new TerminalError(message, { type: "RESULT_NUMBER" }));
    }
    // A program that prints a line means the line.
    return text.replace(/\r?\n$/, "");
  }
}

/** The error with the program's standard error in place of the stack, which is that of this process. */
function traced<E extends Error>(error: E, trace = ""): E {
  error.stack = trace;
  return error;
}
