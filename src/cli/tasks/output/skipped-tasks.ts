import type { JsonObject } from "@bufbuild/protobuf";
import type { SkippedTasks } from "../../../client/index.ts";
import { integerJson } from "../../terminal/json.ts";
import { counted } from "../../terminal/numbers.ts";

/** Why tasks are left as they are, for a person. */
const words: ReadonlyMap<string, string> = new Map([
  ["DUPLICATE_TASK", "an unfinished task has the same deduplication key"],
  ["TASK_IN_WORKFLOW", "they are steps of workflows; see sitq workflows"],
]);

/** Lines that say what an operation on many tasks leaves as it is, each after a line break; empty: nothing. */
export function skippedText(skipped: readonly SkippedTasks[]): string {
  return skipped
    .map(({ reason, taskCount }) => `\nleft as they are: ${counted(taskCount, "task")}: ${words.get(reason) ?? reason}`)
    .join("");
}

/** The same for programs. */
export function skippedJson(skipped: readonly SkippedTasks[]): JsonObject[] {
  return skipped.map(({ reason, taskCount, sampleTaskIds }) => {
    return { reason, taskCount: integerJson(taskCount), sampleTaskIds };
  });
}
