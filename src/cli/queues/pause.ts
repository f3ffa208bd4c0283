import type { Command } from "commander";
import { newCommand } from "../command/new-command.ts";
import { briefly, withSession } from "../command/session.ts";
import { counted } from "../terminal/numbers.ts";
import type { Shell } from "../terminal/shell.ts";
import { printQueue } from "./print-queue.ts";

/** The command `sitq pause`: a queue hands nothing out. */
export function pauseCommand(shell: Shell): Command {
  const command = newCommand("pause", {
    takes: "<queue>",
    does: "stop handing out the tasks of a queue",
    notes: "Enqueueing continues, and running tasks may finish.",
    examples: [
      ["pause orders", "until: sitq resume orders"],
      [`pause orders --reason "the bank is down"`, "shown by: sitq queue orders"],
    ],
  });
  return setPaused(shell, command, true);
}

/** The command `sitq resume`: a queue hands its tasks out again. */
export function resumeCommand(shell: Shell): Command {
  const command = newCommand("resume", {
    takes: "<queue>",
    does: "resume handing out the tasks of a queue",
    examples: [["resume orders", "waiting tasks go to its workers"]],
  });
  return setPaused(shell, command, false);
}

function setPaused(shell: Shell, command: Command, paused: boolean): Command {
  return command.option("--reason <text>", "why, for later readers of the queue").action((name: string) =>
    withSession(shell, command, async (session) => {
      const { reason = "" } = command.opts<{ readonly reason?: string }>();
      const request = { queue: { name, paused }, updateMask: { paths: ["paused"] }, reason };
      const { queue } = await session.client.queue.updateQueue(request, briefly);
      const waiting = counted(queue?.statistics?.pending ?? 0n, "task");
      await printQueue(session, queue, `${name} is ${paused ? "paused" : "not paused"}; ${waiting} waiting`);
    }),
  );
}
