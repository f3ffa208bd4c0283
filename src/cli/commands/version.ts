import type { Command } from "commander";
import { newCommand } from "../new-command.ts";
import { createPrinter } from "../output/printer.ts";
import type { GlobalOptions } from "../session.ts";
import type { Shell } from "../shell.ts";

/** The command `sitq version`: what runs here. @param version that of the package */
export function versionCommand(shell: Shell, version: string): Command {
  const command = newCommand("version", {
    does: "print the version of this command and of its runtime",
    examples: [["version --json", `{"sitq":"${version}","node":"…"}`]],
  });
  return command.action(async () => {
    const out = createPrinter(shell, command.optsWithGlobals<GlobalOptions>());
    const node = process.versions.node;
    await (out.asJson ? out.json({ sitq: version, node }) : out.line(`sitq ${version} (Node ${node})`));
  });
}
