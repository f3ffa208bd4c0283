import type { JsonObject } from "@bufbuild/protobuf";
import type { Command } from "commander";
import { type ErrorTypeCount, type SkippedTasks, TaskState } from "../../../client/index.ts";
import { wrongUsage } from "../../command/command-failure.ts";
import { confirm } from "../../command/confirm.ts";
import type { Session } from "../../command/session.ts";
import {
  addFilterOptions,
  type ChosenFilter,
  chosenFilter,
  type FilterOptions,
  filterInWords,
  type LeftOut,
} from "../../input/task-filter.ts";
import { readTaskIds } from "../../input/task-ids.ts";
import { integerJson } from "../../terminal/json.ts";
import { counted } from "../../terminal/numbers.ts";
import { errorTypesText } from "../output/error-types.ts";
import { skippedJson, skippedText } from "../output/skipped-tasks.ts";
import { stateWord } from "../output/task-words.ts";

/** The options of a command that changes many tasks. */
export interface BulkOptions extends FilterOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** What a call that changes many tasks answers. */
interface BulkAnswer {
  readonly taskCount: bigint;
  readonly sampleTaskIds: readonly string[];
  readonly skipped: readonly SkippedTasks[];
  readonly errorTypes: readonly ErrorTypeCount[];
}

/** A change of many tasks. */
export interface BulkChange {
  readonly verb: "cancel" | "delete" | "retry";
  readonly participle: string;
  /** The tasks that are meant if no state is given, in words. Default: any. */
  readonly states?: string;
  readonly call: (request: { readonly filter: ChosenFilter; readonly dryRun: boolean }) => Promise<BulkAnswer>;
}

/** Gives a command the options of a change of many tasks. */
export function addBulkOptions(command: Command, leftOut?: LeftOut): Command {
  return addFilterOptions(command, leftOut)
    .option("--dry-run", "only count the tasks")
    .option("-y, --yes", "do not ask");
}

/**
 * Changes the tasks that the arguments name, or those that the options describe.
 *
 * @throws CommandFailure if both are given, or neither
 */
export async function changeTasks(
  session: Session,
  args: readonly string[],
  options: BulkOptions,
  { changeEach, ...change }: BulkChange & { readonly changeEach: (taskIds: readonly string[]) => Promise<void> },
): Promise<void> {
  const filter = chosenFilter(options);
  if (filter === null && args.length === 0) {
    throw wrongUsage("give task ids or a filter", { hint: `See: sitq ${change.verb} --help` });
  }
  if (filter === null) {
    if (options.dryRun) throw wrongUsage("--dry-run is for a filter: --queue, --type, --state, --since and so on");
    return changeEach(await readTaskIds(args, session.shell));
  }
  if (args.length > 0) throw wrongUsage("give task ids or a filter, not both");
  await changeMatching(session, filter, options, change);
}

/** Counts the tasks that match, by their kinds of error, asks, and changes them. */
export async function changeMatching(
  { out, shell }: Session,
  filter: ChosenFilter,
  options: BulkOptions,
  { verb, participle, states, call }: BulkChange,
): Promise<void> {
  const { dryRun = false, yes = false } = options;
  const count = await call({ filter, dryRun: true });
  const { taskCount } = count;
  const noun = [statesInWords(options) ?? states, "task"].filter((word) => word !== undefined).join(" ");
  const found = `${counted(taskCount, noun)}${filterInWords(options)}`;
  const kinds = errorTypesText(count.errorTypes, taskCount);
  if (dryRun) return print(count, `would ${verb} ${found}`, kinds);
  if (taskCount === 0n) return print(count, `nothing to ${verb}: ${found}`);
  if (!yes) {
    if (kinds !== "") out.remark(`${found}:${kinds}`);
    await confirm(shell, `${verb} ${found}`);
  }
  const done = await call({ filter, dryRun: false });
  const others = done.taskCount === taskCount ? "" : `; ${counted(taskCount, "task")} matched before the question`;
  return print(done, `${participle} ${counted(done.taskCount, "task")}${others}`);

  async function print({ sampleTaskIds, skipped, ...answer }: BulkAnswer, text: string, more = ""): Promise<void> {
    if (out.asJson) return out.json(answerJson({ sampleTaskIds, skipped, ...answer }, dryRun));
    const some = sampleTaskIds.length === 0 ? "" : `\nfor example ${sampleTaskIds.join(" ")}`;
    await out.line(`${text}${more}${some}${skippedText(skipped)}`);
  }
}

function answerJson({ taskCount, sampleTaskIds, skipped, errorTypes }: BulkAnswer, dryRun: boolean): JsonObject {
  return {
    taskCount: integerJson(taskCount),
    sampleTaskIds: [...sampleTaskIds],
    skipped: skippedJson(skipped),
    errorTypes: errorTypes.map(({ errorType, taskCount: count }) => ({ errorType, taskCount: integerJson(count) })),
    dryRun,
  };
}

function statesInWords({ state, runningFor }: FilterOptions): string | undefined {
  if (runningFor !== undefined) return stateWord(TaskState.RUNNING);
  return state?.map(stateWord).join(" or ");
}
