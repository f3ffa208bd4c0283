import type { Command } from "commander";
import { ServingStatus } from "../../client/index.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { serverAt } from "../command/describe-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { tableText } from "../terminal/table.ts";

/** The command `sitq health`: whether the server serves. */
export function healthCommand(shell: Shell): Command {
  const command = newCommand("health", {
    does: "check whether the server is serving",
    notes:
      "Exit code 0: serving; 1: not serving (starting, stopping, or its storage is away); 6: no answer. Of several addresses it asks one that it reaches.",
    examples: [["health && echo up", "for scripts and container probes"]],
  });
  return command.action(() =>
    withSession(shell, command, async ({ client, out }) => {
      const { statuses } = await client.health.list({}, briefly);
      const services = Object.entries(statuses).map(([name, { status }]) => ({ name, status }));
      const server = services.find(({ name }) => name === "")?.status ?? ServingStatus.UNKNOWN;
      const isServing = server === ServingStatus.SERVING;
      if (out.asJson) {
        const named = services.map(({ name, status }) => [name || "server", word(status)]);
        await out.json({ serving: isServing, services: Object.fromEntries(named) });
      } else {
        const paint = (status: ServingStatus) =>
          status === ServingStatus.SERVING ? out.paint.good(word(status)) : out.paint.bad(word(status));
        const columns = [
          { title: "SERVICE", cell: ({ name }: { name: string }) => name || "(the server)" },
          { title: "STATUS", cell: ({ status }: { status: ServingStatus }) => paint(status) },
        ];
        await out.line(tableText(columns, services, out.layout));
      }
      if (isServing) return;
      const hint = "It starts, stops, or its storage is away: sitq status says more.";
      throw new CommandFailure(`${serverAt(client.address)} is ${word(server)}`, { hint });
    }),
  );
}

function word(status: ServingStatus): string {
  return ServingStatus[status] ?? String(status);
}
