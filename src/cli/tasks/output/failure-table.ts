import type { FailureGroup } from "../../../client/index.ts";
import type { Layout } from "../../terminal/layout.ts";
import { grouped } from "../../terminal/numbers.ts";
import { clipped, printable, shellWord } from "../../terminal/printable.ts";
import { type Column, tableText } from "../../terminal/table.ts";
import { ago, msOf } from "../../terminal/times.ts";
import { untyped } from "./error-types.ts";

const messageLength = 80;

/** Kinds of failures, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function failureTable(groups: readonly FailureGroup[], layout: Layout, nowMs: number = Date.now()): string {
  const { paint } = layout;
  const age = (time: FailureGroup["firstTime"]) => ago(msOf(time) ?? nowMs, nowMs);
  const columns: readonly Column<FailureGroup>[] = [
    { title: "QUEUE", cell: ({ queue }) => queue, least: 10 },
    { title: "TYPE", cell: ({ taskType }) => printable(taskType), least: 10 },
    { title: "ERROR", cell: ({ errorType }) => printable(errorType) || untyped, least: 12 },
    { title: "TASKS", cell: ({ taskCount }) => paint.bad(grouped(taskCount)), align: "right" },
    { title: "FIRST", cell: ({ firstTime }) => age(firstTime), align: "right", leaveOut: 2 },
    { title: "LAST", cell: ({ lastTime }) => age(lastTime), align: "right" },
    { title: "EXAMPLE", cell: ({ sampleTaskId }) => sampleTaskId || "-" },
    { title: "MESSAGE", cell: ({ sampleMessage }) => clipped(sampleMessage, messageLength), least: 15, leaveOut: 1 },
  ];
  return tableText(columns, groups, layout);
}

/** The commands to type next, for the largest of these kinds. */
export function failureHints([largest]: readonly FailureGroup[]): string {
  if (largest === undefined) return "";
  const { queue, taskType, errorType, sampleTaskId } = largest;
  const filter = `--queue ${queue} --type ${shellWord(taskType)} --error ${shellWord(errorType)}`;
  const look = sampleTaskId === "" ? [] : [`Look at one: sitq get ${sampleTaskId}`];
  return [...look, `Put the largest kind back: sitq retry ${filter}`].join("\n");
}
