import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { BalancingStrategy, CallError, PickInstanceResponseSchema } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { type CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import { parseStrategy, strategyWords } from "../input/strategy.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { addMetadataOption, type MetadataOption } from "./metadata.ts";

interface Options extends MetadataOption {
  readonly strategy?: BalancingStrategy;
  readonly key?: string;
  readonly reserve: number;
}

/** The command `sitq pick`: which instance to call. */
export function pickCommand(shell: Shell): Command {
  const command = newCommand("pick", {
    takes: "<service>",
    does: "pick an instance of a service and print its address",
    notes: "For an instance without an address its id is printed.",
    examples: [
      ["pick inventory", "the least loaded"],
      ["pick inventory --strategy sticky --key customer-7", "the same one for the same customer"],
      ["pick inventory --reserve 30s --json", "reserve a place on it for 30 s"],
    ],
  });
  command
    .option(
      "--strategy <name>",
      `balancing strategy: ${strategyWords} (default: as sitq balance chose for the service, else least-loaded)`,
      parseStrategy,
    )
    .option("--key <key>", "for sticky: the same key gets the same instance")
    .option("--reserve <duration>", "reserve a place on it for this long", parseDurationOption, 0);
  addMetadataOption(command);
  return command.action((serviceName: string) =>
    withSession(shell, command, async ({ client, out }) => {
      const { strategy = BalancingStrategy.UNSPECIFIED, key = "", metadata = {}, reserve } = command.opts<Options>();
      const request = { serviceName, strategy, key, metadata, reservationDuration: durationFromMs(reserve) };
      const answer = await client.registry.pickInstance(request, briefly).catch((error: unknown) => {
        throw missingKey(error, key) ?? error;
      });
      if (out.asJson) return out.json(messageJson(PickInstanceResponseSchema, answer));
      await out.line(answer.instance?.address || answer.instance?.instanceId || "");
      if (answer.reservationId !== "")
        out.remark(`A place is reserved for ${formatDuration(reserve)}: ${answer.reservationId}`);
    }),
  );
}

/** That a key is missing. Whether one is needed depends on the strategy of the service, which only the server knows. */
function missingKey(error: unknown, key: string): CommandFailure | undefined {
  if (key !== "" || !(error instanceof CallError) || error.field !== "key") return;
  return wrongUsage(error.message, { hint: "Add --key KEY.", cause: error });
}
