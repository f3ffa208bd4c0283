import type { Command } from "commander";
import { confirm } from "../command/confirm.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, patiently, withSession } from "../command/session.ts";
import { integerJson } from "../terminal/json.ts";
import { counted } from "../terminal/numbers.ts";
import type { Shell } from "../terminal/shell.ts";

/** The command `sitq unsubscribe`: ends a subscription. */
export function unsubscribeCommand(shell: Shell): Command {
  const command = newCommand("unsubscribe", {
    takes: "<subscription>",
    does: "delete a subscription: waiting deliveries are cancelled, running ones continue",
    notes: "Counts waiting deliveries and asks first.",
    examples: [
      ["unsubscribe mail", "asks"],
      ["unsubscribe mail --yes", "from a script"],
    ],
  });
  command.option("-y, --yes", "do not ask");
  return command.action((name: string) =>
    withSession(shell, command, async ({ client, out }) => {
      const { yes = false } = command.opts<{ yes?: boolean }>();
      if (!yes) {
        const { subscription } = await client.event.getSubscription({ name }, briefly);
        const waiting = deliveries(subscription?.waitingCount ?? 0n, "waiting ");
        const deed = `delete the subscription ${name} and cancel its ${waiting}`;
        await confirm(shell, deed, "Use --yes to do it.");
      }
      const { cancelledCount, runningCount } = await client.event.deleteSubscription({ name }, patiently);
      if (out.asJson) {
        return out.json({ cancelledCount: integerJson(cancelledCount), runningCount: integerJson(runningCount) });
      }
      await out.line(`deleted ${name}: cancelled ${deliveries(cancelledCount)}, ${runningCount} still running`);
    }),
  );
}

function deliveries(count: bigint, adjective = ""): string {
  return counted(count, `${adjective}delivery`).replace(/ys$/, "ies");
}
