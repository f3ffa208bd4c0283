import type { TaskHandle } from "../../client/index.ts";
import { CommandFailure } from "../command/command-failure.ts";
import type { Session } from "../command/session.ts";
import { counted, grouped } from "../terminal/numbers.ts";

/** What became of lines that were to be tasks. */
export interface LineTally {
  /** A line's task is stored, by this line or before it. */
  stored(line: number, task: TaskHandle<unknown>): Promise<void>;
  /** A line was refused. */
  refused(line: number, failure: CommandFailure): Promise<void>;
  /**
   * Prints the sum, and the first of those that were refused. With `--json` each has been printed as it came.
   *
   * @param into where they went, for people: ` into orders`
   */
  print(into: string): Promise<void>;
  /** @throws CommandFailure if lines were refused, with the exit code of the first */
  conclude(): void;
}

/** How many refused lines are named one by one. */
const namedRefusals = 10;

/** Creates an empty tally. */
export function createLineTally({ out, shell }: Session): LineTally {
  const named: string[] = [];
  let created = 0;
  let existing = 0;
  let refused = 0;
  let first: CommandFailure | null = null;
  return {
    async stored(line, { id, queue, type, created: isNew }) {
      if (isNew) created++;
      else existing++;
      if (out.asJson) await out.json({ line, task: { id, queue, type }, created: isNew });
    },

    async refused(line, failure) {
      refused++;
      first ??= failure;
      if (out.asJson) await out.json({ line, error: failure.message });
      else if (named.length < namedRefusals) named.push(`line ${line}: ${failure.message}\n`);
    },

    async print(into) {
      if (out.asJson) return;
      const before = existing === 0 ? "" : `; ${grouped(existing)} were there already`;
      await out.line(`${counted(created, "task")} enqueued${into}${before}`);
      shell.stderr.write(named.join(""));
    },

    conclude() {
      if (first === null) return;
      const text = `${counted(refused, "line")} refused, the first because: ${first.message}`;
      throw new CommandFailure(text, { exitCode: first.exitCode, hint: first.hint });
    },
  };
}
