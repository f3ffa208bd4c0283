import type { JsonObject } from "@bufbuild/protobuf";
import { CallError } from "../../client/index.ts";
import { counted } from "../terminal/numbers.ts";
import { CommandFailure } from "./command-failure.ts";
import { callFailure } from "./describe-failure.ts";
import { exitCodes } from "./exit-codes.ts";
import { failureJson } from "./failure-json.ts";
import type { Session } from "./session.ts";

/** What came of one task or workflow: for people, and for programs. */
export interface Deed {
  readonly text: string;
  readonly json: JsonObject;
}

/** How many calls are under way at a time. */
const atOnce = 32;

/**
 * Does the same with each of several tasks, or workflows, and prints what came of it, in their order. A refusal does not keep the others
 * from their turn; a server out of reach does.
 *
 * @param failed what did not happen: `not cancelled`
 * @param noun what they are
 * @throws CommandFailure the only refusal, or how many there were, with the exit code of the first
 */
export async function eachTask(
  session: Session,
  taskIds: readonly string[],
  failed: string,
  act: (taskId: string) => Promise<Deed>,
  noun = "task",
): Promise<void> {
  const { client, out, shell } = session;
  const refusals: CommandFailure[] = [];
  for (let begin = 0; begin < taskIds.length; begin += atOnce) {
    const group = taskIds.slice(begin, begin + atOnce);
    const outcomes = await Promise.allSettled(group.map(act));
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") {
        await (out.asJson ? out.json(outcome.value.json) : out.line(outcome.value.text));
        continue;
      }
      const refusal = refusalOf(outcome.reason, client.address);
      refusals.push(refusal);
      if (taskIds.length === 1) continue;
      const id = group[index] ?? "";
      shell.stderr.write(
        out.asJson ? `${JSON.stringify(failureJson(refusal, { id }))}\n` : `${id}: ${refusal.message}\n`,
      );
    }
  }
  const [first] = refusals;
  if (first === undefined) return;
  if (taskIds.length === 1) throw first;
  const text = `${refusals.length} of ${counted(taskIds.length, noun)} ${failed}`;
  throw new CommandFailure(text, { exitCode: first.exitCode, hint: first.hint });
}

function refusalOf(thrown: unknown, address: string): CommandFailure {
  const refusal = thrown instanceof CallError ? callFailure(thrown, address) : thrown;
  if (refusal instanceof CommandFailure && refusal.exitCode !== exitCodes.unreachable) return refusal;
  throw refusal;
}
