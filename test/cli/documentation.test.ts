import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { exitCodeMeanings } from "../../src/cli/command/exit-codes.ts";
import { clientCommands } from "../../src/cli/commands.ts";
import { createProgram } from "../../src/cli/program.ts";
import { sitq } from "./cli-harness.ts";

const page = readFileSync("docs/cli.md", "utf8");

const shell = {
  stdin: new PassThrough(),
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  colours: false,
  columns: null,
  environment: {},
  onInterrupt: () => () => undefined,
};
const program = createProgram(shell, await clientCommands(shell));
/** Every command by its name, `workflows show` too. */
const commands = new Map<string, Command>(
  program.commands.flatMap((command) => [
    [command.name(), command] as const,
    ...command.commands.map((below) => [`${command.name()} ${below.name()}`, below] as const),
  ]),
);
const names = [...commands.keys()];

describe("docs/cli.md", () => {
  it.each(names)("names %s with all its options", (name) => {
    expect(page).toMatch(new RegExp(`^\\|.*\`${name}[ \`]`, "m"));
    const options = commands.get(name)?.options.map(({ long }) => long) ?? [];
    expect(options.filter((option) => !page.includes(`${option}`))).toEqual([]);
  });

  it("says what each exit code means", () => {
    const rows = [...page.matchAll(/^\| (\d) \| (.*) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
    expect(rows).toEqual(Object.entries(exitCodeMeanings));
  });

  it("shows no command and no option that there is not", () => {
    const lines = page.split("\n").filter((line) => /^ *(bin\/)?sitq /.test(line));
    const used = lines.flatMap(commandLines);
    expect(used.length).toBeGreaterThan(8);
    for (const line of used) expect(complaint(line), line).toBeUndefined();
  });
});

describe("the help", () => {
  it("of the program fits on one screen, and names every group with its commands", async () => {
    const { exitCode, stdout } = await sitq(["--help"]);
    expect(exitCode).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const words = new Set(stdout.split(/\s+/));
    expect(program.commands.map((command) => command.name()).filter((name) => !words.has(name))).toEqual([]);
  });

  it("of the groups lists every command with what it does", async () => {
    const groups = new Set(program.commands.map((command) => command.helpGroup().replace(":", "").toLowerCase()));
    const outcomes = await Promise.all([...groups].map((group) => sitq(["help", group])));
    expect(outcomes.every(({ exitCode }) => exitCode === 0)).toBe(true);
    const text = outcomes.map(({ stdout }) => stdout).join("");
    for (const name of names) expect(text).toMatch(new RegExp(`^  ${name} +\\w`, "m"));
  });

  it("of exit-codes says what each means, and that of an unknown topic is refused", async () => {
    const { stdout } = await sitq(["help", "exit-codes"]);
    for (const [code, meaning] of Object.entries(exitCodeMeanings)) expect(stdout).toContain(`  ${code}  ${meaning}`);
    expect(await sitq(["help", "workflows", "show"])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Usage: sitq workflows show.*Examples:/s),
    });
    expect(await sitq(["help", "nothing"])).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it.each(names)("of %s has examples that it would take", async (name) => {
    const { exitCode, stdout } = await sitq([...name.split(" "), "--help"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("--address <host:port>");
    expect(shortLines(stdout.split("\n\n")[1] ?? "")).toEqual([]);
    const examples = stdout.slice(stdout.indexOf("Examples:")).split("\n").slice(1, -1);
    expect(examples.length).toBeGreaterThan(0);
    // What it does stands beside the line where a terminal has room for both, else above it.
    for (const example of examples) if (/\S {2,}# /.test(example)) expect(example.length).toBeLessThanOrEqual(80);
    for (const example of examples) {
      const [line = ""] = example.split("  # ");
      for (const part of commandLines(line)) expect(complaint(part), part).toBeUndefined();
    }
  });
});

/** The lines of a description on which the first word of the next one has room: it was broken elsewhere than at the width. */
function shortLines(description: string): string[] {
  const lines = description.split("\n");
  return lines.filter((line, index) => {
    // The notes begin below the sentence that says what the command does.
    const isSentence = /\.$/.test(line) && !lines.slice(0, index).some((earlier) => /\.$/.test(earlier));
    const next = lines[index + 1]?.split(" ")[0];
    return next !== undefined && !isSentence && `${line} ${next}`.length < 80;
  });
}

/** The parts of a pipe that are this command, without what is quoted in them. */
function commandLines(line: string): string[] {
  const parts = line.replace(/'[^']*'/g, "''").split("|");
  return parts.map((part) => part.trim().replace(/^bin\//, "")).filter((part) => part.startsWith("sitq "));
}

/** What is wrong with a command line that is shown; `undefined`: nothing. */
function complaint(line: string): string | undefined {
  const [, name = "", rest = ""] = /^sitq (\S+)(.*)$/.exec(line) ?? [];
  if (name === "serve") return undefined;
  const below = commands.get([name, ...rest.trim().split(" ", 1)].join(" "));
  const command = below ?? commands.get(name);
  if (command === undefined) return `there is no command ${name}`;
  const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short]);
  const words = rest.split(" ");
  const unknown = words.find((word) => /^-./.test(word) && !known.includes(word));
  return unknown === undefined ? undefined : `${name} has no option ${unknown}`;
}
