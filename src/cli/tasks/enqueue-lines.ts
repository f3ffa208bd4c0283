import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { CallError, createProducer, type Producer } from "../../client/index.ts";
import { CommandFailure, wrongUsage } from "../command/command-failure.ts";
import { callFailure } from "../command/describe-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { briefly, type Session } from "../command/session.ts";
import { type PayloadOptions, parsePayload, payloadForm } from "../input/payload.ts";
import { openSource, type Source } from "../input/read-source.ts";
import { bytesText, grouped } from "../terminal/numbers.ts";
import { createProgress } from "../terminal/progress.ts";
import { createLineTally } from "./line-tally.ts";
import { type NewTaskOptions, taskOptions } from "./task-options.ts";

/** What the lines become tasks of. */
export interface EnqueueLinesOptions extends NewTaskOptions, PayloadOptions {
  readonly queue: string;
  readonly type: string;
  /** `-`, or `@FILE`. */
  readonly source: string;
  /** Before `-` and the line's number, the request id of each task. Default: the producer makes its own. */
  readonly requestId?: string;
}

/** How many enqueues wait for their answers at a time; the producer makes batches of them. */
const windowSize = 4_000;

/**
 * Enqueues one task for each line; blank lines are passed over. A line that is refused does not keep the others back.
 *
 * @throws CommandFailure if lines were refused, with the exit code of the first; at once if the server is out of reach
 */
export async function enqueueLines(session: Session, options: EnqueueLinesOptions): Promise<void> {
  const source = await openSource(options.source, session.shell);
  if (source === null) throw wrongUsage("--each-line reads from - or @FILE");
  // A producer repeats for half a minute; who has just typed this wants to know now.
  await session.client.queue.listQueues({ pageSize: 1 }, briefly);
  const tally = createLineTally(session);
  const producer = createProducer(session.client);
  const enqueueLine = lineEnqueuer(producer, options, session.shell.environment);

  try {
    await overEachLine(session, source, async (number, line) => {
      try {
        await tally.stored(number, await enqueueLine(number, line));
      } catch (thrown) {
        const failure = thrown instanceof CallError ? callFailure(thrown, session.client.address) : thrown;
        if (!(failure instanceof CommandFailure) || failure.exitCode === exitCodes.unreachable) throw failure;
        await tally.refused(number, failure);
      }
    });
  } catch (error) {
    await producer.close();
    await tally.print(options.queue);
    throw error instanceof CommandFailure ? unfinished(error, options) : error;
  }
  await tally.print(options.queue);
  tally.conclude();
}

/** The failure of an import that ended before its end, with how to go on. */
function unfinished({ message, exitCode, cause }: CommandFailure, { requestId }: EnqueueLinesOptions): CommandFailure {
  const hint =
    requestId === undefined
      ? "More lines may be stored than counted. With --request-id the command would be safe to repeat."
      : "Repeat the command: it stores only what is missing.";
  return new CommandFailure(`${message}; not all lines were enqueued`, { exitCode, cause, hint });
}

function lineEnqueuer(
  producer: Producer,
  options: EnqueueLinesOptions,
  environment: Readonly<Record<string, string | undefined>>,
) {
  const { queue, type, requestId } = options;
  const shared = taskOptions(options, environment);
  const form = payloadForm(options);
  return (number: number, line: string) => {
    const payload = parsePayload(Buffer.from(line), form, "it");
    const own = requestId === undefined ? shared : { ...shared, requestId: `${requestId}-${number}` };
    return producer.enqueue(queue, type, payload, own);
  };
}

/** Calls `act` for each line that is not blank, with its number from 1; many at a time. The first failure ends it. */
async function overEachLine(
  { shell }: Session,
  { content, size }: Source,
  act: (number: number, line: string) => Promise<void>,
): Promise<void> {
  const progress = createProgress(shell, "enqueued", size === null ? grouped : bytesText);
  const failures: unknown[] = [];
  let ended = Promise.withResolvers<void>();
  let underWay = 0;
  let number = 0;
  let bytes = 0;

  async function begin(line: string): Promise<void> {
    underWay++;
    try {
      await act(number, line);
    } catch (error) {
      failures.push(error);
    }
    underWay--;
    ended.resolve();
  }

  async function untilBelow(limit: number): Promise<void> {
    while (underWay >= limit) {
      ended = Promise.withResolvers();
      await ended.promise;
    }
  }

  try {
    for await (const line of createInterface({ input: Readable.from(content), crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      bytes += Buffer.byteLength(line) + 1;
      if (failures.length > 0) break;
      if (line.trim() === "") continue;
      void begin(line);
      await untilBelow(windowSize);
      if (size === null) progress.update(number);
      else progress.update(bytes, size);
    }
    await untilBelow(1);
  } finally {
    progress.stop();
  }
  if (failures.length > 0) throw failures[0];
}
