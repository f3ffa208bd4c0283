import type { Command } from "commander";
import { CallError, type Queue } from "../../client/index.ts";
import { wrongUsage } from "../command/command-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, type Session, withSession } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import { printQueue } from "./print-queue.ts";
import { addQueueOptions, type QueueOptions } from "./queue-options.ts";
import { needsCurrent, queueUpdate } from "./queue-update.ts";

interface Options extends QueueOptions {
  readonly create?: boolean;
  readonly reason?: string;
}

/** The command `sitq set`: changes the settings of a queue. */
export function setCommand(shell: Shell): Command {
  const command = newCommand("set", {
    takes: "<queue>",
    does: "change the settings of a queue",
    notes: "The value default resets a setting.",
    examples: [
      ["set orders --max-depth 100000 --max-running 20", "limits"],
      [`set orders --max-running 5 --reason "the database is slow"`, "shown by: sitq queue orders"],
      ["set orders --retention-completed 7d", "how long finished tasks are kept"],
      ["set orders --max-attempts default", "back to 5"],
      ["set reports --create --strategy round-robin", "create a new queue"],
    ],
  });
  addQueueOptions(command)
    .option("--create", "create the queue if it does not exist")
    .option("--reason <text>", "why, for later readers of the queue");
  return command.action((name: string) =>
    withSession(shell, command, async (session) => {
      const { create = false, reason = "", ...options } = command.opts<Options>();
      if (!create && Object.keys(options).length === 0)
        throw wrongUsage("no setting was given", { hint: "See: sitq set --help" });
      const current = needsCurrent(options) ? await currentQueue(session, name, create) : undefined;
      const update = queueUpdate(name, options, current);
      const { queue } = await session.client.queue.updateQueue({ ...update, allowMissing: create, reason }, briefly);
      await printQueue(session, queue);
    }),
  );
}

/** The queue as it is; `undefined`: it is not there, and may be missing. */
async function currentQueue({ client }: Session, name: string, mayBeMissing: boolean): Promise<Queue | undefined> {
  try {
    return (await client.queue.getQueue({ name }, briefly)).queue;
  } catch (error) {
    if (mayBeMissing && error instanceof CallError && error.codeName === "NOT_FOUND") return undefined;
    throw error;
  }
}
