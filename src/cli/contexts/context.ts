import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { wrongUsage } from "../command/command-failure.ts";
import {
  type Context,
  type Contexts,
  contextFiles,
  contextPath,
  contextSettings,
  readContexts,
  writeContexts,
} from "../command/context-file.ts";
import { newCommand } from "../command/new-command.ts";
import { answerOtherWords } from "../command/other-words.ts";
import type { GlobalOptions } from "../command/session.ts";
import { createPrinter, type Printer } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";
import { tableText } from "../terminal/table.ts";

/** The command `sitq context`: servers by name, each with how it is called. */
export function contextCommand(shell: Shell): Command {
  const command = newCommand("context", {
    does: "name servers with their certificates and tokens, and choose one",
    notes: "They are in ~/.config/sitq/config.toml (XDG_CONFIG_HOME). For one command: --context NAME or SITQ_CONTEXT.",
    examples: [
      [
        "context set prod --address sitq.internal:50051 --tls-ca ca.pem --token-file ~/.config/sitq/prod.token",
        "name one",
      ],
      ["context use prod", "the server of all commands from now on"],
    ],
  });
  for (const below of [list, use, show, set, remove]) command.addCommand(below(shell));
  answerOtherWords(command, { add: "set", create: "set", remove: "delete" });
  return command;
}

function list(shell: Shell): Command {
  const command = newCommand("list", {
    does: "list the contexts",
    examples: [["context list", "the current one has a *"]],
  });
  return command.action(async () => {
    const out = printerOf(shell, command);
    const { current, byName } = readContexts(shell);
    const rows = [...byName].map(([name, context]) => ({ name, isCurrent: name === current, ...context }));
    if (out.asJson) {
      for (const row of rows) await out.json(row);
      return;
    }
    if (rows.length === 0) return out.remark(`There is no context in ${contextPath(shell)}.`);
    type Row = (typeof rows)[number];
    const columns = [
      { title: "", cell: ({ isCurrent }: Row) => (isCurrent ? "*" : "") },
      { title: "CONTEXT", cell: ({ name }: Row) => name },
      { title: "ADDRESS", cell: ({ address = "" }: Row) => address },
    ];
    await out.line(tableText(columns, rows, out.layout));
  });
}

function use(shell: Shell): Command {
  const command = newCommand("use", {
    takes: "<name>",
    does: "choose the context of all commands",
    examples: [["context use prod", "until another one is chosen"]],
  });
  return command.action(async (name: string) => {
    const contexts = readContexts(shell);
    const { address = "" } = known(contexts, name);
    writeContexts(shell, { ...contexts, current: name });
    printerOf(shell, command).remark(`Commands go to ${name} from now on: ${address}`);
  });
}

function show(shell: Shell): Command {
  const command = newCommand("show", {
    takes: "[name]",
    does: "show a context, by default the current one",
    examples: [["context show", "where commands go"]],
  });
  return command.action(async (given: string | undefined) => {
    const out = printerOf(shell, command);
    const contexts = readContexts(shell);
    const name = given ?? contexts.current;
    if (name === null) throw wrongUsage("there is no current context", { hint: "Choose one: sitq context use NAME" });
    const context = known(contexts, name);
    if (out.asJson) return out.json({ name, isCurrent: name === contexts.current, ...context });
    const lines = contextSettings.flatMap(([member, key]) =>
      context[member] === undefined ? [] : [`${key.padEnd(keyWidth)}  ${context[member]}`],
    );
    await out.line([`${"context".padEnd(keyWidth)}  ${name}`, ...lines].join("\n"));
  });
}

function set(shell: Shell): Command {
  const command = newCommand("set", {
    takes: "<name>",
    does: "create a context, or change what is given",
    notes:
      "It takes the options that say where the server is and how it is called; the file of a token, never a token.",
    examples: [
      ["context set prod --address sitq.internal:50051 --tls-ca ca.pem --token-file prod.token", "a server"],
      ["context set prod --unset token-file --tls-cert me.pem --tls-key me.key", "a certificate in place of the token"],
    ],
  });
  command.option("--unset <setting...>", "remove settings of it: token-file, tls-ca and so on");
  return command.action(async (name: string) => {
    if (!/^[a-z0-9][a-z0-9._-]*$/i.test(name))
      throw wrongUsage(`"${name}" is no name: letters, digits, ".", "_" and "-"`);
    const { current, byName } = readContexts(shell);
    const given = givenOf(command);
    const changed = { ...without(byName.get(name) ?? {}, command.opts<Unset>().unset ?? []), ...given };
    if (!("address" in changed)) throw wrongUsage(`the context "${name}" needs an --address`);
    writeContexts(shell, { current, byName: new Map([...byName, [name, changed]]) });
    const out = printerOf(shell, command);
    for (const member of contextFiles) {
      const path = given[member];
      if (typeof path === "string" && !existsSync(path)) out.remark(`There is no ${path} yet.`);
    }
    if (current !== name) out.remark(`Choose it: sitq context use ${name}`);
  });
}

function remove(shell: Shell): Command {
  const command = newCommand("delete", {
    takes: "<name>",
    does: "delete a context",
    examples: [["context delete prod", "the files that it names stay"]],
  });
  return command.action(async (name: string) => {
    const contexts = readContexts(shell);
    known(contexts, name);
    const byName = new Map([...contexts.byName].filter(([each]) => each !== name));
    const isCurrent = contexts.current === name;
    writeContexts(shell, { current: isCurrent ? null : contexts.current, byName });
    const out = printerOf(shell, command);
    out.remark(`The context ${name} is deleted${isCurrent ? "; commands go to the local server again" : ""}.`);
  });
}

interface Unset {
  readonly unset?: readonly string[];
}

const keyWidth = Math.max(...contextSettings.map(([, key]) => key.length));

/** What stands on the command line: what is in the environment is for one shell. */
function givenOf(command: Command): Context {
  const given = command.optsWithGlobals<GlobalOptions>();
  const entries = contextSettings.flatMap(([member]) => {
    const value = given[member];
    if (command.getOptionValueSourceWithGlobals(member) !== "cli" || value === undefined) return [];
    return [[member, contextFiles.includes(member) ? resolve(String(value)) : value] as const];
  });
  return Object.fromEntries(entries);
}

function without(context: Context, keys: readonly string[]): Context {
  const unknown = keys.find((key) => !contextSettings.some(([, name]) => name === key));
  if (unknown !== undefined) {
    throw wrongUsage(`--unset ${unknown}: is none of ${contextSettings.map(([, name]) => name).join(", ")}`);
  }
  const left = contextSettings.flatMap(([member, key]) =>
    context[member] === undefined || keys.includes(key) ? [] : [[member, context[member]] as const],
  );
  return Object.fromEntries(left);
}

/** @throws CommandFailure if there is no such context */
function known({ byName }: Contexts, name: string): Context {
  const context = byName.get(name);
  if (context !== undefined) return context;
  const hint =
    byName.size > 0 ? "List them: sitq context list" : `Make it: sitq context set ${name} --address HOST:PORT`;
  throw wrongUsage(`there is no context "${name}"`, { hint });
}

function printerOf(shell: Shell, command: Command): Printer {
  return createPrinter(shell, command.optsWithGlobals<GlobalOptions>());
}
