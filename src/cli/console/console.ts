import { existsSync } from "node:fs";
import type { Command } from "commander";
import { aborted } from "../../async/signals.ts";
import { callAddresses, type HostPort, isLoopback, parseHostPort } from "../../contract/host-port.ts";
import { ListenError } from "../../rpc/listen.ts";
import { StoreRefused } from "../../store/store-refused.ts";
import { CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { connectionOf } from "../command/connection-options.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { newCommand } from "../command/new-command.ts";
import type { GlobalOptions } from "../command/session.ts";
import { printable } from "../terminal/printable.ts";
import { createPrinter } from "../terminal/printer.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { openBrowser } from "./open-browser.ts";
import { reachedAddress } from "./reached-address.ts";

interface ConsoleOptions {
  readonly listen?: string;
  readonly open?: boolean;
}

/** The command `sitq console`: where the server's console is, or the console of a file. */
export function consoleCommand(shell: Shell): Command {
  const command = newCommand("console", {
    takes: "[file]",
    does: "show the console, of a backup too",
    notes: [
      "Without a file: prints the address of the server's console; of several servers that of each, of which --open opens the first that is reached.",
      "With one, such as a backup or what a stopped server has left: serves it on this machine until Ctrl-C, read-only and as of",
      "its time. The file is not written, and other commands may ask this server too. One of an older schema is copied first.",
    ].join("\n"),
    examples: [
      ["console --open", "the server's, in the browser"],
      ["console sitq-2026-11-28.db", "look into a backup"],
    ],
  });
  command.option("--open", "open it in the browser");
  command.option("--listen <host:port>", "where a file is served: on loopback (default: 127.0.0.1, a free port)");
  return command.action((file?: string) =>
    file === undefined ? showServer(shell, command) : showFile(shell, command, file),
  );
}

async function showServer(shell: Shell, command: Command): Promise<void> {
  const { listen, open = false } = command.opts<ConsoleOptions>();
  if (listen !== undefined) throw wrongUsage("--listen is for the console of a file");
  const { address, tls } = connectionOf(shell, command).options;
  const addresses = callAddresses(address) as readonly [string, ...string[]];
  const out = createPrinter(shell, command.optsWithGlobals<GlobalOptions>());
  for (const each of addresses) {
    const url = urlOf(each, tls !== false);
    await (out.asJson ? out.json({ url }) : out.line(url));
  }
  if (open) await openBrowser(urlOf(await reachedAddress(addresses), tls !== false), shell);
}

async function showFile(shell: Shell, command: Command, file: string): Promise<void> {
  const { listen, open = false } = command.opts<ConsoleOptions>();
  if (command.parent?.getOptionValueSource("address") === "cli") {
    throw wrongUsage("--address is a server's, and a file was named: give one of them");
  }
  const out = createPrinter(shell, command.optsWithGlobals<GlobalOptions>());
  const app = await startView(file, listen === undefined ? { host: "127.0.0.1", port: 0 } : listenOf(listen));
  try {
    const { address, data } = app;
    const url = urlOf(address, false);
    const asOfTime = new Date(data.asOfMs ?? 0).toISOString();
    if (out.asJson) await out.json({ url, address, file: data.location, asOfTime });
    else {
      await out.line(`${printable(file)} as of ${asOfTime}, read-only, until Ctrl-C:`);
      await out.line(`  console  ${url}`);
      await out.line(`  try      sitq status --address ${address}`);
    }
    if (open) await openBrowser(url, shell);
    const cause = await interruptible(shell, (interrupted) => Promise.race([aborted(interrupted), app.failed]));
    if (cause instanceof Error) throw new CommandFailure(cause.message, { cause });
  } finally {
    await app.close(0);
  }
}

async function startView(file: string, listen: HostPort) {
  // The code of the server is loaded for this alone.
  const { startFileView } = await import("../../local/file-view.ts");
  try {
    return await startFileView(file, listen);
  } catch (error) {
    if (error instanceof StoreRefused) {
      // A server that has it open shows itself by its log.
      const hint = existsSync(`${file}-wal`)
        ? "The console of a running server needs no file: sitq console"
        : undefined;
      throw new CommandFailure(error.message, { exitCode: exitCodes.refused, cause: error, hint });
    }
    if (error instanceof ListenError) throw new CommandFailure(error.message, { cause: error });
    throw error;
  }
}

/** Who listens on loopback alone needs no authentication. */
function listenOf(text: string): HostPort {
  const place = parseHostPort(text);
  if (place === undefined) throw wrongUsage(`--listen ${text}: this is no HOST:PORT`);
  if (!isLoopback(place))
    throw wrongUsage(`--listen ${text}: a file is shown to this machine alone, on 127.0.0.1 or [::1]`);
  return place;
}

function urlOf(address: string, isSecure: boolean): string {
  return `${isSecure ? "https" : "http"}://${address}/console/`;
}
