import type { Command } from "commander";
import { ServiceLoadSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { serviceTable } from "./service-table.ts";

/** The command `sitq services`: how loaded services are. */
export function servicesCommand(shell: Shell): Command {
  const command = newCommand("services", {
    does: "list the services with their load",
    notes: "Load and capacity are summed over healthy instances. With --json: one service per line.",
    examples: [["services", "instances and their load"]],
  });
  return command.action(() =>
    withSession(shell, command, async ({ client, out }) => {
      const { services } = await client.registry.getLoadStatistics({}, briefly);
      if (out.asJson) {
        for (const service of services) await out.json(messageJson(ServiceLoadSchema, service));
        return;
      }
      if (services.length > 0) return out.line(serviceTable(services, out.layout));
      out.remark("No instances.");
    }),
  );
}
