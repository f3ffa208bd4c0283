import type { Command } from "commander";
import { type ServerView, ServerViewSchema, type SitqClient } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import { jsonWithout, type View } from "../live/view.ts";
import { problemWakeUps } from "../live/wake-ups.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { serverTable } from "./server-table.ts";

/** The command `sitq servers`: the servers that share one storage. */
export function serversCommand(shell: Shell): Command {
  const command = newCommand("servers", {
    does: "list the servers that share one PostgreSQL, and which one leads",
    notes: [
      "SERVER is the number in log lines; each start takes another one. STATE is how the server that answers sees it: ANSWERING is itself,",
      "HEARD and UNHEARD others, with since when. EXPIRES is when it counts as gone unless it renews its time; each does every two seconds.",
      "WORKERS have their stream open there, RUNNING is what they run. With --json: one server per line.",
    ].join("\n"),
    examples: [
      ["servers", "all of them"],
      ["servers --watch", "while they are updated one after the other"],
      ["servers --json | jq -r 'select(.leading).address'", "the one that leads"],
    ],
  });
  addWatchOption(command);
  return command.action(() =>
    withSession(shell, command, (session) =>
      show(session, command, serversView(session.client), problemWakeUps(session.client)),
    ),
  );
}

function serversView(client: SitqClient): View<readonly ServerView[]> {
  const json = (servers: readonly ServerView[]) => servers.map((server) => messageJson(ServerViewSchema, server));
  return {
    items: "servers",
    read: async () => (await client.admin.listServers({}, briefly)).servers,
    async print(servers, out) {
      await out.line(serverTable(servers, out.layout));
      const unheard = servers.filter(({ heard }) => !heard).map(({ id }) => `server ${id}`);
      if (unheard.length === 0) return;
      out.remark(
        `Not heard: ${unheard.join(", ")}. What happens there is seen in the database, some seconds late. One that has stopped leaves the list when it expires; for one that runs look at its --advertise and the network.`,
      );
    },
    json,
    key: (servers) => jsonWithout(json(servers), "expireTime"),
  };
}
