import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import type { ServerInfo } from "../../client/index.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";

/** Prints what runs here, and at the server. @param own the command's own versions @param ownLine the same as a line */
export function printServerVersion(
  shell: Shell,
  command: Command,
  own: Readonly<Record<string, string>>,
  ownLine: string,
): Promise<void> {
  return withSession(shell, command, async ({ client, out }) => {
    const { serverInfo } = await client.admin.getServerInfo({}, briefly);
    if (serverInfo === undefined) throw new Error("The server sent an empty answer.");
    await (out.asJson
      ? out.json({ ...own, server: serverJson(serverInfo) })
      : out.line(`${ownLine}\n${serverLine(serverInfo, client.address)}`));
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
  const place = address.includes(",") ? `at one of ${address}` : `at ${address}`;
  return `server ${version} ${place} (${runtime}, ${storeEngine}, ${contract}, since ${textOf(info.startTime)}${certificate})`;
}
