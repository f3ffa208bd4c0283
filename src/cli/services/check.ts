import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { HealthStatus, type InstanceHealth, InstanceHealthSchema } from "../../client/index.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { patiently, withSession } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import { messageJson } from "../terminal/json.ts";
import { namesText } from "../terminal/printable.ts";
import type { Shell } from "../terminal/shell.ts";
import { healthTable } from "./health-table.ts";

/** The command `sitq check`: how instances say that they are. */
export function checkCommand(shell: Shell): Command {
  const command = newCommand("check", {
    takes: "[service] [instance]",
    does: "probe the health of instances, of one service or of all",
    notes:
      "The server probes over grpc.health.v1, or over HTTP if their metadata has health_check=http.\n" +
      "Exit code 0: all are serving; 1: some are not. With --json: one instance per line.",
    examples: [
      ["check", "every instance of every service"],
      ["check inventory", "all of its instances, in every state"],
      ["check inventory inventory-1 --timeout 500ms", "one instance"],
    ],
  });
  command.option("--timeout <duration>", "timeout for each probe (default: 2s)", parseDurationOption);
  return command.action((serviceName = "", instanceId = "") =>
    withSession(shell, command, async ({ client, out }) => {
      const { timeout } = command.opts<{ readonly timeout?: number }>();
      const request = { serviceName, instanceId, ...(timeout !== undefined && { timeout: durationFromMs(timeout) }) };
      const results = await allItems(async (page) => {
        const answer = await client.registry.checkHealth({ ...request, ...page }, patiently);
        return { items: answer.results, nextPageToken: answer.nextPageToken };
      });
      if (results.length === 0 && !out.asJson) return out.remark("No instances.");
      if (out.asJson) for (const result of results) await out.json(messageJson(InstanceHealthSchema, result));
      else await out.line(healthTable(results, out.layout, serviceName === ""));
      const others = results.filter(({ status }) => status !== HealthStatus.SERVING);
      if (others.length === 0) return;
      throw new CommandFailure(
        `${others.length} of ${results.length} ${results.length === 1 ? "instance is" : "instances are"} not serving: ${namesText(others.map(nameOf))}`,
      );
    }),
  );
}

function nameOf({ instance }: InstanceHealth): string {
  return `${instance?.serviceName}/${instance?.instanceId}`;
}
