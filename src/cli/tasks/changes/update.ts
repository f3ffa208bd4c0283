import { durationFromMs, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import { wrongUsage } from "../../command/command-failure.ts";
import { eachTask } from "../../command/each-task.ts";
import { newCommand } from "../../command/new-command.ts";
import { briefly, withSession } from "../../command/session.ts";
import { wholeNumber } from "../../input/numbers.ts";
import { addStartTimeOptions, type StartTimeOptions } from "../../input/start-time.ts";
import { readTaskIds } from "../../input/task-ids.ts";
import type { Shell } from "../../terminal/shell.ts";
import { basicTaskJson } from "../output/task-json.ts";
import { stateWord } from "../output/task-words.ts";

interface Options extends StartTimeOptions {
  readonly queue?: string;
  readonly priority?: number;
}

/** The command `sitq update`: changes the queue, priority or time of tasks that wait. */
export function updateCommand(shell: Shell): Command {
  const command = newCommand("update", {
    takes: "<task-id...>",
    does: "change the queue, priority or time of waiting tasks",
    notes: "- reads ids from standard input.",
    examples: [
      ["update 0f3k9q2m7xa --priority 100", "before all others of its queue"],
      ["update 0f3k9q2m7xa --delay 2h", "in two hours"],
      ["list --queue mail --state pending --ids | sitq update - --queue mail-slow", "to another queue"],
    ],
  });
  addStartTimeOptions(
    command
      .option("-q, --queue <queue>", "the queue to move it to")
      .option("-p, --priority <number>", "higher first (-1000 to 1000)", wholeNumber(-1_000, 1_000)),
    "next",
  );
  return command.action((args: string[]) =>
    withSession(shell, command, async (session) => {
      const { queue, priority, delay, scheduleTime } = command.opts<Options>();
      const values = { queue, priority, delay, schedule_time: scheduleTime };
      const paths = Object.entries(values).flatMap(([path, value]) => (value === undefined ? [] : [path]));
      if (paths.length === 0) throw wrongUsage("say what to change: --queue, --priority, --delay or --schedule-time");
      const changes = {
        ...(queue !== undefined && { queue }),
        ...(priority !== undefined && { priority }),
        ...(delay !== undefined && { delay: durationFromMs(delay) }),
        ...(scheduleTime !== undefined && { scheduleTime: timestampFromDate(scheduleTime) }),
      };
      await eachTask(session, await readTaskIds(args, shell), "not changed", async (id) => {
        const request = { task: { id, ...changes }, updateMask: { paths } };
        const { task } = await session.client.queue.updateTask(request, briefly);
        return { text: `${id} ${task ? stateWord(task.state) : ""}`, json: task ? basicTaskJson(task) : {} };
      });
    }),
  );
}
