import type { MessageShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Command } from "commander";
import {
  CallError,
  GetStatusResponseSchema,
  ProblemSeverity,
  type ServerView,
  type SitqClient,
} from "../../client/index.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { newCommand } from "../command/new-command.ts";
import { type Session, withSession } from "../command/session.ts";
import { parseDurationOption } from "../input/duration.ts";
import { addWatchOption, type WatchOption, watch } from "../live/show.ts";
import { showOnce, type View } from "../live/view.ts";
import { problemWakeUps } from "../live/wake-ups.ts";
import { messageJson } from "../terminal/json.ts";
import type { Shell } from "../terminal/shell.ts";
import { problemLines, totalsLine } from "./problem-lines.ts";
import { serversLine } from "./servers-line.ts";

/** How long the server may take, in milliseconds: one that takes longer is ill, and who asks wants to know it soon. */
const timeoutMs = 5_000;

interface StatusOptions extends WatchOption {
  readonly maxWait?: number;
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
  addWatchOption(command).option(
    "--max-wait <duration>",
    "how long a task may wait (default: 5m)",
    parseDurationOption,
  );
  return command.action(() =>
    withSession(shell, command, async (session) => {
      const { maxWait, watch: isWatched } = command.opts<StatusOptions>();
      const { client, out } = session;
      const view = statusView(client, maxWait);
      if (isWatched) return watch(session, view, problemWakeUps(client));
      const { problems } = (await showOnce(view, out)).status;
      const critical = problems.filter(({ severity }) => severity === ProblemSeverity.CRITICAL).length;
      if (critical === 0) return;
      const message = critical === 1 ? "a problem is critical" : `${critical} problems are critical`;
      throw new CommandFailure(message, { exitCode: exitCodes.critical });
    }),
  );
}

interface Shown {
  readonly status: MessageShape<typeof GetStatusResponseSchema>;
  readonly servers: readonly ServerView[];
}

function statusView(client: SitqClient, maxWaitMs: number | undefined): View<Shown> {
  const request = maxWaitMs === undefined ? {} : { maxWait: durationFromMs(maxWaitMs) };
  return {
    items: null,
    async read() {
      const [status, servers] = await Promise.all([
        client.monitor.getStatus(request, { timeoutMs }),
        client.admin.listServers({}, { timeoutMs }).then((answer) => answer.servers, noneKnown),
      ]);
      return { status, servers };
    },
    print: (shown, out) => out.line(statusText(shown, out)),
    json: ({ status }) => [messageJson(GetStatusResponseSchema, status)],
    // Ages and rates move on by themselves: what counts is what is wrong.
    key: ({ status, servers }) => [...status.problems.map(({ message }) => message), serversLine(servers)].join("\n"),
  };
}

/** A server of an older version does not list them. */
function noneKnown(error: unknown): ServerView[] {
  if (error instanceof CallError && error.codeName === "UNIMPLEMENTED") return [];
  throw error;
}

function statusText({ status: { problems, totals }, servers }: Shown, { paint }: Session["out"]): string {
  const lines = problems.length === 0 ? [paint.good("All is well.")] : problemLines(problems, paint, Date.now());
  const further = [totals === undefined ? null : totalsLine(totals), serversLine(servers)];
  return [...lines, ...further.filter((line) => line !== null).map(paint.dim)].join("\n");
}
