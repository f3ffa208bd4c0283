import { wrongUsage } from "../command/command-failure.ts";
import type { Session } from "../command/session.ts";
import { type PayloadOptions, parsePayload, payloadForm } from "../input/payload.ts";
import { openSource } from "../input/read-source.ts";
import { storeLines } from "./store-lines.ts";
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

/** Enqueues one task for each line, which is its payload. @throws CommandFailure as storeLines does */
export async function enqueueLines(session: Session, options: EnqueueLinesOptions): Promise<void> {
  const { queue, type, requestId } = options;
  const source = await openSource(options.source, session.shell);
  if (source === null) throw wrongUsage("--each-line reads from - or @FILE");
  const shared = taskOptions(options, session.shell.environment);
  const form = payloadForm(options);
  await storeLines(session, {
    source,
    into: ` into ${queue}`,
    isRepeatable: requestId !== undefined,
    async enqueue(producer, line, number) {
      const payload = parsePayload(line, form, "it");
      const own = requestId === undefined ? shared : { ...shared, requestId: `${requestId}-${number}` };
      return producer.enqueue(queue, type, payload, own);
    },
  });
}
