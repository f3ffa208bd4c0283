import { CallError, createProducer, type Producer, type TaskHandle } from "../../client/index.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { callFailure } from "../command/describe-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { briefly, type Session } from "../command/session.ts";
import { overEachLine } from "../input/each-line.ts";
import type { Source } from "../input/read-source.ts";
import { createLineTally } from "./line-tally.ts";

/** How lines become tasks. */
export interface LineStore {
  readonly source: Source;
  /** Where they go, for people: ` into orders`. */
  readonly into: string;
  /** Repeating the command stores only what is missing. */
  readonly isRepeatable: boolean;
  /** Enqueues the task of one line. @throws CommandFailure, CallError if it is refused */
  enqueue(producer: Producer, line: Uint8Array, number: number): Promise<TaskHandle<unknown>>;
}

/**
 * Enqueues one task for each line; blank lines are passed over. A line that is refused does not keep the others back.
 *
 * @throws CommandFailure if lines were refused, with the exit code of the first; at once if the server is out of reach
 */
export async function storeLines(session: Session, { source, into, isRepeatable, enqueue }: LineStore): Promise<void> {
  // A producer repeats for half a minute; who has just typed this wants to know now.
  await session.client.queue.listQueues({ pageSize: 1 }, briefly);
  const tally = createLineTally(session);
  const producer = createProducer(session.client);
  try {
    await overEachLine(session.shell, source, async (number, line) => {
      try {
        await tally.stored(number, await enqueue(producer, line, number));
      } catch (thrown) {
        const failure = thrown instanceof CallError ? callFailure(thrown, session.client.address) : thrown;
        if (!(failure instanceof CommandFailure) || failure.exitCode === exitCodes.unreachable) throw failure;
        await tally.refused(number, failure);
      }
    });
  } catch (error) {
    await producer.close();
    await tally.print(into);
    throw error instanceof CommandFailure ? unfinished(error, isRepeatable) : error;
  }
  await tally.print(into);
  tally.conclude();
}

/** The failure of an import that ended before its end, with how to go on. */
function unfinished({ message, exitCode, cause }: CommandFailure, isRepeatable: boolean): CommandFailure {
  const hint = isRepeatable
    ? "Repeat the command: it stores only what is missing."
    : "More lines may be stored than counted. With --request-id the command would be safe to repeat.";
  return new CommandFailure(`${message}; not all lines were enqueued`, { exitCode, cause, hint });
}
