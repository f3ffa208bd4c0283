import type { Command } from "commander";
import { version } from "../../version.ts";
import { newCommand } from "../command/new-command.ts";
import type { GlobalOptions } from "../command/session.ts";
import { createPrinter } from "../terminal/printer.ts";
import type { Shell } from "../terminal/shell.ts";

/** The command `sitq version`: what runs here, and at the server. */
export function versionCommand(shell: Shell): Command {
  const node = process.versions.node;
  const own = { sitq: version, node };
  const ownLine = `sitq ${version} (Node ${node})`;
  const command = newCommand("version", {
    does: "print the version of this command and its runtime",
    examples: [
      ["version --json", `{"sitq":"${version}","node":"…"}`],
      ["version --server", "the server's version too"],
    ],
  });
  command.option("--server", "show the server's version, contract, start time, store and runtime too");
  return command.action(async () => {
    if (command.opts<{ readonly server?: boolean }>().server !== true) {
      const out = createPrinter(shell, command.optsWithGlobals<GlobalOptions>());
      await (out.asJson ? out.json(own) : out.line(ownLine));
      return;
    }
    // What calls a server is loaded only now: the rest is there in a fifth of a second.
    const { printServerVersion } = await import("./server-version.ts");
    await printServerVersion(shell, command, own, ownLine);
  });
}
