import type { Command } from "commander";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { newCommand } from "../command/new-command.ts";
import { allItems } from "../command/pages.ts";
import { briefly, type Session, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { traceTable } from "./trace-table.ts";
import { type Traced, tracedEvent, tracedTask, tracedWorkflow } from "./traced.ts";

/** The command `sitq trace`: everything that one request caused. */
export function traceCommand(shell: Shell): Command {
  const command = newCommand("trace", {
    takes: "<correlation-id>",
    does: "show everything with one correlation id, in order of time",
    notes: "Events, their deliveries, tasks, workflows and their steps. With --json: one of them per line.",
    examples: [
      ["trace req-7", "everything that one request caused"],
      ["trace req-7 --json | jq -r 'select(.kind == \"step\").task.id'", "for a script"],
    ],
  });
  return command.action((correlationId: string) =>
    withSession(shell, command, async (session) => {
      const { out } = session;
      const found = (await Promise.all([events, tasks, workflows].map((read) => read(session, correlationId)))).flat();
      if (found.length === 0) {
        throw new CommandFailure(`nothing found with the correlation id ${correlationId}`, {
          exitCode: exitCodes.notFound,
          hint: "Items past their retention are deleted.",
        });
      }
      // Of what happened in one millisecond the keys tell the order: events, tasks and workflows share one sequence.
      found.sort((a, b) => a.atMs - b.atMs || (a.key < b.key ? -1 : 1));
      if (!out.asJson) return out.line(traceTable(found, out.layout));
      for (const { json } of found) await out.json(json);
    }),
  );
}

type Reader = (session: Session, correlationId: string) => Promise<Traced[]>;

const events: Reader = ({ client }, correlationId) =>
  allItems(async (page) => {
    const { events: found, nextPageToken } = await client.event.listEvents(
      { filter: { correlationId }, ...page },
      briefly,
    );
    return { items: found.map(tracedEvent), nextPageToken };
  });

const tasks: Reader = ({ client, out }, correlationId) =>
  allItems(async (page) => {
    const request = { filter: { correlationId }, ...page, explain: !out.asJson };
    const { tasks: found, explanations, nextPageToken } = await client.queue.listTasks(request, briefly);
    return { items: found.map((task, index) => tracedTask(task, explanations[index])), nextPageToken };
  });

const workflows: Reader = ({ client }, correlationId) =>
  allItems(async (page) => {
    const { workflows: found, nextPageToken } = await client.workflow.listWorkflows(
      { filter: { correlationId }, ...page },
      briefly,
    );
    return { items: found.map(tracedWorkflow), nextPageToken };
  });
