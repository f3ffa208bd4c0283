import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import type { ServerInfo } from "../../client/index.ts";
import { version } from "../../version.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, type GlobalOptions, withSession } from "../command/session.ts";
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
    await withSession(shell, command, async ({ client, out }) => {
      const { serverInfo } = await client.admin.getServerInfo({}, briefly);
      if (serverInfo === undefined) throw new Error("The server sent an empty answer.");
      await (out.asJson
        ? out.json({ ...own, server: serverJson(serverInfo) })
        : out.line(`${ownLine}\n${serverLine(serverInfo, client.address)}`));
    });
  });
}

function textOf(time: Timestamp | undefined): string {
  return time === undefined ? "" : timestampDate(time).toISOString();
}

function serverJson(info: ServerInfo) {
  const { version, contract, storeEngine, runtime } = info;
  const expireTime = textOf(info.certificateExpireTime);
  const certificate = expireTime === "" ? {} : { certificateExpireTime: expireTime };
  return { version, contract, startTime: textOf(info.startTime), storeEngine, runtime, ...certificate };
}

function serverLine(info: ServerInfo, address: string): string {
  const { version, contract, storeEngine, runtime } = info;
  const expireTime = textOf(info.certificateExpireTime);
  const certificate = expireTime === "" ? "" : `, certificate until ${expireTime}`;
  return `server ${version} at ${address} (${runtime}, ${storeEngine}, ${contract}, since ${textOf(info.startTime)}${certificate})`;
}
