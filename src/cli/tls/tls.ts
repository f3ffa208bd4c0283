import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import type { Shell } from "../terminal/shell.ts";
import { initCommand } from "./init.ts";
import { issueCommand } from "./issue.ts";

/** The command `sitq tls`: certificates for a server and its clients. */
export function tlsCommand(shell: Shell): Command {
  const command = newCommand("tls", {
    does: "make certificates for development",
    examples: [
      ["tls init certs", "an authority, a server's and a client's certificate in ./certs"],
      ["tls issue certs orders", "another client's of the same authority"],
    ],
  });
  command.addCommand(initCommand(shell));
  command.addCommand(issueCommand(shell));
  return command;
}
