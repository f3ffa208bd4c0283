import type { Command } from "commander";
import { BalancingStrategy, ServiceSchema } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { parseServiceStrategy, serviceStrategyWords, strategyText } from "../input/strategy.ts";
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
      "for clients. sticky sends calls with the same value of a header to the same instance. random is round-robin for clients, which have\n" +
      "no random one.",
    examples: [
      ["balance inventory round-robin", "one after the other"],
      ["balance inventory sticky --hash-header x-customer", "the same instance for the same customer"],
      ["balance inventory default", "as at first: nothing is chosen"],
    ],
  });
  command
    .argument("<service>", "the service")
    .argument("<strategy>", serviceStrategyWords, parseServiceStrategy)
    .option("--hash-header <name>", "for sticky: the header whose value decides");
  return command.action((name: string, strategy: BalancingStrategy) => {
    const { hashHeader = "" } = command.opts<Options>();
    const isSticky = strategy === BalancingStrategy.STICKY;
    if (isSticky && hashHeader === "")
      throw wrongUsage("sticky needs a header whose value decides", { hint: "Add --hash-header NAME." });
    if (!isSticky && hashHeader !== "") throw wrongUsage("--hash-header is for sticky alone");
    return withSession(shell, command, async ({ client, out }) => {
      const { service } = await client.registry.updateService({ service: { name, strategy, hashHeader } }, briefly);
      if (service === undefined) return;
      if (out.asJson) return out.json(messageJson(ServiceSchema, service));
      await out.line(`${printable(name)}: ${strategyText(service)}`);
      if (service.load === undefined) out.remark("It has no instances yet: sitq instances");
    });
  });
}
