import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** The details of a failure beside its text. */
export interface CommandFailureInit extends ErrorOptions {
  /** How the process ends. Default: 1, failed. */
  readonly exitCode?: ExitCode;
  /** What to do next, in one line. */
  readonly hint?: string | undefined;
}

/** A command that did not do what it was asked for, in words for the person who asked. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly exitCode: ExitCode;
  /** What to do next; `undefined`: nothing helps that this program knows of. */
  readonly hint: string | undefined;

  constructor(message: string, init: CommandFailureInit = {}) {
    super(message, "cause" in init ? { cause: init.cause } : undefined);
    this.exitCode = init.exitCode ?? exitCodes.failed;
    this.hint = init.hint;
  }
}

/** The failure of who asked for something that makes no sense. */
export function wrongUsage(message: string, init: Omit<CommandFailureInit, "exitCode"> = {}): CommandFailure {
  return new CommandFailure(message, { ...init, exitCode: exitCodes.usage });
}
