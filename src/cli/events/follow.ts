import type { Command } from "commander";
import { linkedController } from "../../async/signals.ts";
import { type CallError, type EventStartOption, watchEvents } from "../../client/index.ts";
import { callFailure, unreachable } from "../command/describe-failure.ts";
import { newCommand } from "../command/new-command.ts";
import { type Session, withSession } from "../command/session.ts";
import { interruptible, type Shell } from "../terminal/shell.ts";
import { addEventFilterOptions, chosenEventFilter, type EventFilterOptions } from "./event-filter.ts";
import { eventJson } from "./event-json.ts";
import { eventLine } from "./event-line.ts";
import { parseEventStart, startWords } from "./event-start.ts";

interface Options extends EventFilterOptions {
  readonly from: EventStartOption;
}

/** How long to wait for the server's first message, in milliseconds. */
const firstWordMs = 15_000;

/** The command `sitq follow`: events as they are published. */
export function followCommand(shell: Shell): Command {
  const command = newCommand("follow", {
    does: "stream events as they are published",
    notes: "Runs until Ctrl-C and through server restarts, without gaps or repeats. With --json: one event per line.",
    examples: [
      ["follow", "everything, from now on"],
      ["follow --types 'order.*' --from 1h", "including the last hour"],
      ["follow --from 05fwrvsh000 --json | jq -r .position", "after a position"],
    ],
  });
  addEventFilterOptions(command).option("--from <start>", `where to start: ${startWords}`, parseEventStart, "now");
  return command.action(() =>
    withSession(shell, command, (session) =>
      interruptible(shell, (interrupted) => follow(session, command.opts<Options>(), interrupted)),
    ),
  );
}

async function follow(
  { client, out }: Session,
  { from, ...filterOptions }: Options,
  interrupted: AbortSignal,
): Promise<void> {
  const end = linkedController(interrupted);
  let isHeard = false;
  let refusal: unknown = null;
  const fail = (error: unknown) => {
    refusal = error;
    end.abort();
  };
  const timer = setTimeout(() => fail(unreachable(client.address, "it does not answer", null)), firstWordMs);
  try {
    const events = watchEvents(client, {
      start: from,
      filter: chosenEventFilter(filterOptions),
      signal: end.signal,
      onConnect() {
        clearTimeout(timer);
        if (!isHeard) out.remark("Following; press Ctrl-C to stop.");
        isHeard = true;
      },
      onDisconnect(error: CallError) {
        if (!isHeard) fail(callFailure(error, client.address));
      },
    });
    for await (const event of events) {
      await (out.asJson ? out.json(eventJson(event.message)) : out.line(eventLine(event.message, out.paint)));
    }
    if (refusal !== null) throw refusal;
  } finally {
    clearTimeout(timer);
    end.release();
  }
}
