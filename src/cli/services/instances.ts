import type { Command } from "commander";
import { type Instance, InstanceSchema, type SitqClient } from "../../client/index.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, withSession } from "../command/session.ts";
import { addWatchOption, show } from "../live/show.ts";
import { jsonWithout, type View } from "../live/view.ts";
import { instanceWakeUps } from "../live/wake-ups.ts";
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
    notes:
      "UNHEALTHY: missed its heartbeat; removed after ten times its ttl. DRAINING: finishes what it has, and gets nothing new.\n" +
      "With --json: one instance per line.",
    examples: [
      ["instances", "of every service"],
      ["instances inventory --watch", "live"],
      ["instances inventory --unhealthy", "including those that missed their heartbeat or drain"],
      ["instances inventory -m zone=b --json | jq -r .address", "for a script"],
    ],
  });
  addWatchOption(command).option("-u, --unhealthy", "include those that missed their heartbeat or drain");
  addMetadataOption(command);
  return command.action((serviceName = "") =>
    withSession(shell, command, (session) => {
      const { unhealthy: includeUnhealthy = false, metadata = {} } = command.opts<Options>();
      const view = instancesView(session.client, { serviceName, metadata, includeUnhealthy });
      return show(session, command, view, instanceWakeUps(session.client, serviceName));
    }),
  );
}

interface Wanted {
  /** Empty: every service. */
  readonly serviceName: string;
  readonly metadata: Record<string, string>;
  readonly includeUnhealthy: boolean;
}

function instancesView(client: SitqClient, wanted: Wanted): View<readonly Instance[]> {
  const { serviceName } = wanted;
  const json = (instances: readonly Instance[]) => instances.map((instance) => messageJson(InstanceSchema, instance));
  return {
    items: "instances",
    read: () =>
      allItems(async (page) => {
        const answer = await client.registry.discoverInstances({ ...wanted, ...page }, briefly);
        return { items: answer.instances, nextPageToken: answer.nextPageToken };
      }),
    async print(instances, out) {
      if (instances.length > 0) return out.line(instanceTable(instances, out.layout));
      out.remark(`No matching instances${serviceName === "" ? "" : ` of ${serviceName}`}.`);
    },
    json,
    key: (instances) => jsonWithout(json(instances), "lastSeenTime"),
  };
}
