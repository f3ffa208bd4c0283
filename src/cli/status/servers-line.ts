import type { ServerView } from "../../client/index.ts";
import { counted } from "../terminal/numbers.ts";

/**
 * Several servers in one line: `3 servers: server 7 leads; server 9 is not heard; rates, failures and refused calls are those of server 8`,
 * which answers. Of a server that is alone there is nothing to say: `null`.
 */
export function serversLine(servers: readonly ServerView[]): string | null {
  if (servers.length < 2) return null;
  const leader = servers.find(({ leading }) => leading);
  const leads = leader === undefined ? "none leads" : `server ${leader.id} leads`;
  const unheard = servers.filter(({ heard }) => !heard).map(({ id }) => `server ${id} is not heard`);
  const answers = servers.filter(({ answering }) => answering);
  const counts = answers.map(({ id }) => `rates, failures and refused calls are those of server ${id}`);
  return `${counted(servers.length, "server")}: ${[leads, ...unheard, ...counts].join("; ")}`;
}
