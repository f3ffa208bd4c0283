import type { Command } from "commander";
import { InstanceSchema } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { instanceTable } from "./instance-table.ts";
import { addMetadataOption, type MetadataOption } from "./metadata.ts";

interface Options extends MetadataOption {
  readonly unhealthy?: boolean;
}

/** The command `sitq instances`: where services can be called. */
export function instancesCommand(shell: Shell): Command {
  const command = newCommand("instances", {
    takes: "[service]",
    does: "list the instances of services with their addresses",
    notes: "UNHEALTHY: missed its heartbeat; removed after ten times its ttl. With --json: one instance per line.",
    examples: [
      ["instances", "of every service"],
      ["instances inventory --unhealthy", "including those that missed their heartbeat"],
      ["instances inventory -m zone=b --json | jq -r .address", "for a script"],
    ],
  });
  command.option("-u, --unhealthy", "include those that missed their heartbeat");
  addMetadataOption(command);
  return command.action((serviceName = "") =>
    withSession(shell, command, async ({ client, out }) => {
      const { unhealthy: includeUnhealthy = false, metadata = {} } = command.opts<Options>();
      const filter = { serviceName, metadata, includeUnhealthy };
      const instances = await allItems(async (page) => {
        const answer = await client.registry.discoverInstances({ ...filter, ...page }, briefly);
        return { items: answer.instances, nextPageToken: answer.nextPageToken };
      });
      if (out.asJson) {
        for (const instance of instances) await out.json(messageJson(InstanceSchema, instance));
        return;
      }
      if (instances.length > 0) return out.line(instanceTable(instances, out.layout));
      out.remark(`No matching instances${serviceName === "" ? "" : ` of ${serviceName}`}.`);
    }),
  );
}
