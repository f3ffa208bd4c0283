import type { Command } from "commander";
import { BalancingStrategy, ServiceSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { parseStrategy, strategyText, strategyWords } from "../input/strategy.ts";
import { messageJson } from "../terminal/json.ts";
import { printable } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";

interface Options {
  readonly hashHeader?: string;
}

/** The command `sitq balance`: how calls to a service are balanced. */
export function balanceCommand(shell: Shell): Command {
  const command = newCommand("balance", {
    does: "choose how calls to a service are balanced",
    notes:
      "It holds for picks that name no strategy and for clients of gRPC by xds:///SERVICE. default: the least loaded for picks, by weights\n" +
      "for clients. sticky sends calls with the same value of a header to the same instance.",
    examples: [
      ["balance inventory round-robin", "one after the other"],
      ["balance inventory sticky --hash-header x-customer", "the same instance for the same customer"],
      ["balance inventory default", "as at first"],
    ],
  });
  command
    .argument("<service>", "the service")
    .argument("<strategy>", `${strategyWords}, or default`, parseChoice)
    .option("--hash-header <name>", "for sticky: the header whose value decides");
  return command.action((name: string, strategy: BalancingStrategy) =>
    withSession(shell, command, async ({ client, out }) => {
      const { hashHeader = "" } = command.opts<Options>();
      const { service } = await client.registry.updateService({ service: { name, strategy, hashHeader } }, briefly);
      if (service === undefined) return;
      if (out.asJson) return out.json(messageJson(ServiceSchema, service));
      await out.line(`${printable(name)}: ${strategyText(service)}`);
    }),
  );
}

function parseChoice(text: string): BalancingStrategy {
  return text.toLowerCase() === "default" ? BalancingStrategy.UNSPECIFIED : parseStrategy(text);
}
