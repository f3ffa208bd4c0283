import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import type { Shell } from "../terminal/shell.ts";
import { bootstrapCommand } from "./bootstrap.ts";

/** The command `sitq xds`: for clients of gRPC that discover by `xds:///SERVICE`. */
export function xdsCommand(shell: Shell): Command {
  const command = newCommand("xds", {
    does: "set up clients of gRPC that discover by xds:///SERVICE",
    examples: [["xds bootstrap > bootstrap.json", "the file that GRPC_XDS_BOOTSTRAP names"]],
  });
  command.addCommand(bootstrapCommand(shell));
  return command;
}
