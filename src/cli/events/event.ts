import type { Command } from "commander";
import { isContentHidden } from "../command/hidden-content.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { eventDetails } from "./event-details.ts";
import { deliveryJson, eventJson } from "./event-json.ts";

/** The command `sitq event`: one event, and what became of its deliveries. */
export function eventCommand(shell: Shell): Command {
  const command = newCommand("event", {
    takes: "<event-id>",
    does: "show an event with its deliveries",
    examples: [
      ["event order-7-created", "with the state of each delivery"],
      ["event order-7-created --source shop --json | jq .deliveries", "for a script"],
    ],
  });
  command.option("--source <service>", "the event's source (default: the latest event with this id)");
  return command.action((eventId: string) =>
    withSession(shell, command, async ({ client, out }) => {
      const { source: sourceService = "" } = command.opts<{ source?: string }>();
      const answer = await client.event.getEvent({ eventId, sourceService }, briefly);
      const { event, deliveredTo, deliveries } = answer;
      if (event === undefined) return;
      if (!out.asJson) {
        const isHidden =
          event.data === undefined && (await isContentHidden(client, { kind: "eventTypes", names: [event.type] }));
        return out.line(eventDetails({ event, deliveredTo, deliveries, isHidden }, out.layout));
      }
      await out.json({ event: eventJson(event), deliveredTo, deliveries: deliveries.map(deliveryJson) });
    }),
  );
}
