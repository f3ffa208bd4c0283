import { type Command, Help } from "commander";
import type { Shell } from "../terminal/shell.ts";
import { wrongUsage } from "./command-failure.ts";
import { exitCodeMeanings } from "./exit-codes.ts";
import { newCommand } from "./new-command.ts";

/** The commands of the first hour, in the order of the overview. */
const oftenUsed = ["serve", "enqueue", "list", "get", "retry", "queues", "workers", "work", "workflows", "trace"];

/** How the help of the program itself is written: an overview that fits on one screen. The commands' own help is commander's. */
export function formatHelp(command: Command, helper: Help): string {
  return command.parent === null ? overview(command) : new Help().formatHelp(command, helper);
}

/** The command `sitq help`: the overview, a group of commands, one command, or the exit codes. */
export function helpCommand(shell: Shell, program: Command): Command {
  const command = newCommand("help", {
    takes: "[topic...]",
    does: "print the help of a command or a group, or the exit codes",
    examples: [
      ["help tasks", "the commands for tasks"],
      ["help workflows show", "one command with its options"],
      ["help exit-codes", "for scripts"],
    ],
  });
  return command.action((topic: string[]) => void shell.stdout.write(topicText(program, topic)));
}

function topicText(program: Command, topic: readonly string[]): string {
  const name = topic.join(" ");
  if (name === "") return program.helpInformation();
  if (name === "exit-codes") return exitCodeText();
  const group = groupsOf(program).get(name);
  if (group !== undefined) return groupText(name, group);
  let found: Command | undefined = program;
  for (const word of topic) found = found?.commands.find((below) => below.name() === word);
  if (found === undefined) throw wrongUsage(`there is no command and no group "${name}"`, { hint: "See: sitq help" });
  // With the examples behind it.
  let text = "";
  found.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
  return text;
}

function overview(program: Command): string {
  const groups = groupsOf(program);
  const commands = program.commands.filter((command) => oftenUsed.includes(command.name()));
  commands.sort((a, b) => oftenUsed.indexOf(a.name()) - oftenUsed.indexOf(b.name()));
  return [
    "Usage: sitq <command> [options]",
    "Often used:",
    ...commandLines(commands),
    "All commands, by group:",
    ...[...groups].flatMap(([name, members]) => groupLines(name, namesIn(members))),
    "Options: --address HOST:PORT (or SITQ_ADDRESS; default 127.0.0.1:50051),",
    "         --context NAME, --tls, --tls-ca FILE, --token-file FILE (sitq context),",
    "         --json (one object per line), --wide (do not fit tables), --version",
    "More:    sitq help GROUP, sitq COMMAND --help, sitq help exit-codes",
    "",
  ].join("\n");
}

/** The groups by their names, in the order in which the commands were added. */
function groupsOf(program: Command): Map<string, Command[]> {
  const groups = new Map<string, Command[]>();
  for (const command of program.commands) {
    const name = command.helpGroup().replace(":", "").toLowerCase();
    groups.set(name, [...(groups.get(name) ?? []), command]);
  }
  return groups;
}

/** A group of one command that has commands of its own shows those. */
function namesIn(members: readonly Command[]): string[] {
  const [only] = members;
  const shown = members.length === 1 && only !== undefined && only.commands.length > 0 ? only.commands : members;
  return shown.map((command) => command.name());
}

const nameWidth = 10;
const lineWidth = 80;

function groupLines(name: string, members: readonly string[]): string[] {
  const lines = [`  ${name.padEnd(nameWidth)}`];
  for (const member of members) {
    const line = lines.at(-1) ?? "";
    if (line.length + 1 + member.length <= lineWidth) lines[lines.length - 1] = `${line} ${member}`;
    else lines.push(`  ${" ".repeat(nameWidth)} ${member}`);
  }
  return lines;
}

function groupText(name: string, members: readonly Command[]): string {
  const all = members.flatMap((command) => [command, ...command.commands]);
  return [`Commands for ${name}:`, ...commandLines(all), "", "More: sitq COMMAND --help", ""].join("\n");
}

function commandLines(commands: readonly Command[]): string[] {
  const lines = commands.map((command) => [fullName(command), command.summary() || command.description()] as const);
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, does]) => `  ${name.padEnd(width)}  ${does}`);
}

/** With the command that it belongs to: `workflows show`. */
function fullName(command: Command): string {
  const above = command.parent?.parent ? `${command.parent.name()} ` : "";
  return `${above}${command.name()}`;
}

function exitCodeText(): string {
  const lines = Object.entries(exitCodeMeanings).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `Exit codes:\n${lines.join("\n")}\n`;
}
