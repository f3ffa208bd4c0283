import { Command, CommanderError, type Option } from "commander";
import { version } from "../version.ts";
import { CommandFailure, wrongUsage } from "./command/command-failure.ts";
import { addressOption, securityOptions } from "./command/connection-options.ts";
import { exitCodes } from "./command/exit-codes.ts";
import { failureJson } from "./command/failure-json.ts";
import { formatHelp, helpCommand } from "./command/help.ts";
import { systemErrorText } from "./terminal/printable.ts";
import { OutputClosed } from "./terminal/printer.ts";
import type { Shell } from "./terminal/shell.ts";

/** Commands that stand together in the help. */
export interface CommandGroup {
  readonly name: string;
  readonly commands: readonly Command[];
}

/** The group of the commands for operators, which the help is one of. */
export const operation = "Operation:";

/**
 * Runs the command `sitq` and answers its exit code. It never throws: what is a bug is printed with its stack.
 *
 * @param argv the arguments, without the runtime and the script
 * @param clientCommands the commands that call a server
 * @param serverCommands commands that are not clients, above the others in the help
 */
export async function runProgram(
  argv: readonly string[],
  shell: Shell,
  clientCommands: readonly CommandGroup[],
  serverCommands: readonly Command[] = [],
): Promise<number> {
  const asJson = argv.includes("--json");
  let writeError: NodeJS.ErrnoException | null = null;
  // The reader may close early: sitq enqueue --help | head -1. Printers report it to code that continues to write.
  shell.stderr.on("error", () => undefined);
  shell.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") writeError ??= error;
  });
  try {
    const program = createProgram(shell, clientCommands, serverCommands, asJson);
    await program.parseAsync(argv.length === 0 ? ["--help"] : argv, { from: "user" });
    if (writeError !== null) throw new OutputClosed("Standard output is closed.");
    return exitCodes.ok;
  } catch (error) {
    // Commander has printed it.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (error instanceof OutputClosed && writeError === null) return exitCodes.ok;
    const failure = failureOf(error, writeError);
    shell.stderr.write(failureText(failure, asJson));
    return failure.exitCode;
  }
}

/**
 * Makes the command `sitq` of the commands that it has.
 *
 * @param asJson what is wrong with the arguments is written as JSON
 */
export function createProgram(
  shell: Shell,
  clientCommands: readonly CommandGroup[],
  serverCommands: readonly Command[] = [],
  asJson = false,
): Command {
  const program = new Command("sitq")
    .description(
      "Durable tasks, events, workflows and service discovery for microservices: the server and its command line.",
    )
    .usage("<command> [options]")
    .version(`sitq ${version}`, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand(false)
    .addOption(addressOption())
    .option("--json", "write JSON, one object per line")
    .option("--wide", "do not fit tables to the terminal's width")
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions, formatHelp })
    .configureOutput({
      writeOut: (text) => void shell.stdout.write(text),
      // Beside an error in JSON stands no help.
      writeErr: (text) => void (asJson || shell.stderr.write(text)),
      outputError: (text) => void shell.stderr.write(asJson ? failureText(usageFailure(text), asJson) : text),
    });
  // Commander takes the program's options wherever they stand: those of the server with the same names would not be its own.
  if (clientCommands.length > 0) for (const option of securityOptions()) program.addOption(option);
  const add = (group: string, commands: readonly Command[]) => {
    for (const command of commands) {
      command.copyInheritedSettings(program).helpGroup(group);
      program.addCommand(command.showHelpAfterError(`See: sitq ${command.name()} --help`));
      for (const below of command.commands) {
        below.copyInheritedSettings(program).helpCommand(false);
        below.showHelpAfterError(`See: sitq ${command.name()} ${below.name()} --help`);
      }
    }
  };
  add(
    "Server:",
    serverCommands.map((command) => command.configureHelp({ showGlobalOptions: false })),
  );
  // Commander takes the program's options wherever they stand; to pass over them in silence would be worse.
  program.hook("preAction", (_, command) => {
    const isGiven = ["address", "json"].some((name) => program.getOptionValueSource(name) === "cli");
    if (isGiven && serverCommands.includes(command)) {
      command.error(`error: ${command.name()} takes neither --address nor --json`);
    }
  });
  for (const { name, commands } of clientCommands) add(name, commands);
  add(operation, [helpCommand(shell, program)]);
  return program.showHelpAfterError("See: sitq --help");
}

/** The options of the program that its commands have too. */
function visibleGlobalOptions(command: Command): Option[] {
  let program = command.parent;
  while (program?.parent) program = program.parent;
  return [...(program?.options ?? [])].filter((option) => option.long !== "--version");
}

function failureText(failure: CommandFailure, asJson: boolean): string {
  if (asJson) return `${JSON.stringify(failureJson(failure))}\n`;
  return `error: ${failure.message}\n${failure.hint === undefined ? "" : `${failure.hint}\n`}`;
}

/** @param writeError why standard output takes no more, as on a full disk; `null`: it takes more, or is not read any more */
function failureOf(error: unknown, writeError: Error | null): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (!(error instanceof OutputClosed) || writeError === null) return unexpected(error);
  return new CommandFailure(`cannot write to standard output: ${systemErrorText(writeError)}`, { cause: writeError });
}

/** A bug. */
function unexpected(error: unknown): CommandFailure {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CommandFailure(`unexpected error: ${what}`, { cause: error });
}

/** What commander says of the arguments: `error: unknown command 'queus'`, and below it what may have been meant. */
function usageFailure(text: string): CommandFailure {
  const [message = "", ...hints] = text.trim().split("\n");
  const hint = hints.length === 0 ? undefined : hints.join(" ");
  return wrongUsage(message.replace(/^error: /, ""), { hint });
}
