#!/usr/bin/env node
import { runProgram } from "./cli/program.ts";
import { processShell } from "./cli/terminal/shell.ts";
import { serveCommand } from "./serve-command.ts";

const argv = process.argv.slice(2);
const shell = processShell();
// The code of the other commands would stay in the server's memory: 8 MB.
const commands = argv[0] === "serve" ? [] : await (await import("./cli/commands.ts")).clientCommands(shell, argv[0]);
process.exitCode = await runProgram(argv, shell, commands, [serveCommand()]);
