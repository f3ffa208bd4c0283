import type { Command } from "commander";
import { type Service, ServiceSchema, type SitqClient } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import type { View } from "../live/view.ts";
import { instanceWakeUps } from "../live/wake-ups.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { serviceTable } from "./service-table.ts";

/** The command `sitq services`: how loaded services are. */
export function servicesCommand(shell: Shell): Command {
  const command = newCommand("services", {
    does: "list the services with their load, their strategy and their clients by xDS",
    notes:
      "Load and capacity are summed over healthy instances, which those that drain are not. XDS: how many clients follow a service, and how often one has refused what it\n" +
      "was sent, with the reason that one gave last. With --json: one service per line.",
    examples: [
      ["services", "instances and their load"],
      ["services --watch", "live"],
    ],
  });
  addWatchOption(command);
  return command.action(() =>
    withSession(shell, command, (session) =>
      show(session, command, servicesView(session.client), instanceWakeUps(session.client)),
    ),
  );
}

function servicesView(client: SitqClient): View<readonly Service[]> {
  return {
    items: "services",
    read: () =>
      allItems(async (page) => {
        const answer = await client.registry.listServices(page, briefly);
        return { items: answer.services, nextPageToken: answer.nextPageToken };
      }),
    async print(services, out) {
      if (services.length > 0) return out.line(serviceTable(services, out.layout));
      out.remark("No services.");
    },
    json: (services) => services.map((service) => messageJson(ServiceSchema, service)),
  };
}
