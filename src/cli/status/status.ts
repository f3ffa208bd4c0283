import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import {
  GetStatusResponseSchema,
  type OverviewTotals,
  type Problem,
  ProblemSeverity,
  WatchOverviewResponseSchema,
} from "../../client/index.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { withFirstWord } from "../command/first-word.ts";
import { newCommand } from "../command/new-command.ts";
import { briefly, type Session, withSession } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import { messageJson } from "../terminal/json.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { timeOfDay } from "../terminal/times.ts";
import { LiveOverview } from "./live-overview.ts";
import { problemLines, totalsLine } from "./problem-lines.ts";

interface StatusOptions {
  readonly maxWait?: number;
  readonly watch?: true;
}

/** The command `sitq status`: what is wrong, worst first. */
export function statusCommand(shell: Shell): Command {
  const command = newCommand("status", {
    does: "show everything that is wrong, worst first",
    notes:
      "Below each problem stands the command to type next. Exit code 0: nothing is critical; 9: something is. " +
      "With --json: one object with all problems.",
    examples: [
      ["status", "what is wrong?"],
      ["status --watch", "again whenever it changes"],
      [`status --json | jq -r '.problems[].message'`, "for a script"],
    ],
  });
  command
    .option("--max-wait <duration>", "how long a task may wait (default: 5m)", parseDurationOption)
    .option("-w, --watch", "show it again whenever it changes, until Ctrl-C");
  return command.action(() =>
    withSession(shell, command, async (session) => {
      const { maxWait, watch } = command.opts<StatusOptions>();
      if (watch) return interruptible(shell, (interrupted) => watchStatus(session, interrupted));
      return showStatus(session, maxWait);
    }),
  );
}

async function showStatus({ client, out }: Session, maxWaitMs: number | undefined): Promise<void> {
  const request = maxWaitMs === undefined ? {} : { maxWait: durationFromMs(maxWaitMs) };
  const status = await client.monitor.getStatus(request, briefly);
  if (out.asJson) await out.json(messageJson(GetStatusResponseSchema, status));
  else await out.line(statusText(status.problems, status.totals, out));
  const critical = status.problems.filter(({ severity }) => severity === ProblemSeverity.CRITICAL).length;
  if (critical > 0) {
    const message = critical === 1 ? "a problem is critical" : `${critical} problems are critical`;
    throw new CommandFailure(message, { exitCode: exitCodes.critical });
  }
}

async function watchStatus({ client, out }: Session, interrupted: AbortSignal): Promise<void> {
  const live = new LiveOverview();
  // Problems and totals are of all queues, whatever is shown.
  const open = (signal: AbortSignal) => client.monitor.watchOverview({ maxQueues: 1 }, { signal });
  let shown = "";
  try {
    for await (const message of withFirstWord(client.address, interrupted, open)) {
      if (out.asJson) {
        const { snapshot, problems, totals } = message;
        if (problems !== undefined) {
          const json = messageJson(WatchOverviewResponseSchema, { ...message, queues: [], snapshot, totals });
          await out.json({ problems: json.problems ?? [] });
        }
        continue;
      }
      if (!live.take(message)) continue;
      // Ages and rates move on by themselves: what counts is what is wrong.
      const text = live.problems.map(({ message }) => message).join("\n");
      if (text === shown && shown !== "") continue;
      shown = text;
      await out.line(`${out.paint.dim(timeOfDay(Date.now()))}\n${statusText(live.problems, live.totals, out)}`);
    }
  } catch (error) {
    if (!interrupted.aborted) throw error;
  }
}

function statusText(
  problems: readonly Problem[],
  totals: OverviewTotals | undefined,
  { paint }: Session["out"],
): string {
  const lines = problems.length === 0 ? [paint.good("All is well.")] : problemLines(problems, paint, Date.now());
  return [...lines, ...(totals === undefined ? [] : [paint.dim(totalsLine(totals))])].join("\n");
}
