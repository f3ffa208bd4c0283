import type { Command } from "commander";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";

/** The command `sitq deregister`: forgets an instance. */
export function deregisterCommand(shell: Shell): Command {
  const command = newCommand("deregister", {
    takes: "<service> <instance>",
    does: "remove an instance at once",
    notes: "A live instance registers again. A worker's instance ends with its stream: see sitq drain.",
    examples: [["deregister inventory inventory-1", "its machine is gone; do not wait for its ttl"]],
  });
  return command.action((serviceName: string, instanceId: string) =>
    withSession(shell, command, async ({ client, out }) => {
      const { removed } = await client.registry.deregisterInstance({ serviceName, instanceId }, briefly);
      if (!removed) {
        const init = { exitCode: exitCodes.notFound, hint: "List them: sitq instances --unhealthy" };
        throw new CommandFailure(`${serviceName} has no registered instance ${instanceId}`, init);
      }
      if (out.asJson) return out.json({ removed });
      await out.line(`deregistered ${instanceId} of ${serviceName}`);
    }),
  );
}
