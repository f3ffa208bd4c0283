/** What a filter asks of a row of `task` beside what its access path does, in SQL. */

import { foldedText, type TaskFilter } from "../../../domain/operators/task-filter.ts";
import { keyTimeSql } from "../../rows/key-time.ts";
import { stateNumber } from "../../rows/task-states.ts";

/** The parameters of a scan, in their order, with their types. Those that may be `null` are then no condition. */
const parameters = {
  before: "bigint",
  after: "bigint",
  scanRows: "bigint",
  limit: "bigint",
  queueId: "int",
  type: "text",
  correlationId: "text",
  states: "smallint[]",
  isBent: "bool",
  fromMs: "bigint",
  untilMs: "bigint",
  workerId: "text",
  sourceService: "text",
  minAttempt: "int",
  maxAttempt: "int",
  minPriority: "int",
  maxPriority: "int",
  inStateSinceMs: "bigint",
  errorPart: "text",
} as const;

/** The values of a scan's parameters. */
export type ScanValues = Readonly<Record<keyof typeof parameters, unknown>>;

const names = Object.keys(parameters) as (keyof typeof parameters)[];

/** A parameter in the text of a statement. */
export function parameter(name: keyof typeof parameters): string {
  return `$${names.indexOf(name) + 1}::${parameters[name]}`;
}

/** The values in the order of the parameters. */
export function inOrder(values: ScanValues): unknown[] {
  return names.map((name) => values[name]);
}

/** When the row came into its state. A waiting one: since its place in line, or its last attempt, whichever was later. */
const inStateSinceSql = `CASE
  WHEN state = ${stateNumber.running} THEN start_ms
  WHEN state >= ${stateNumber.completed} THEN finish_ms
  ELSE greatest(CASE state WHEN ${stateNumber.scheduled} THEN ${keyTimeSql("id")} ELSE ${keyTimeSql("ready_key")} END,
    (SELECT finish_ms FROM attempt WHERE task_id = task.id ORDER BY seq DESC LIMIT 1)) END`;

/** The column `error` with its letters A to Z small. In the collation C only they are folded, whatever the locale. */
const foldedErrorSql = `lower(replace(replace(error, '\u0130', 'i'), '\u212a', 'k') COLLATE "C")`;

/**
 * The conditions of a filter. What they ask of errors holds for all that match and for some others: how text is folded depends on the
 * locale of the database, and its JSON on what PostgreSQL can read of it, so that the caller decides by `errorMatches`.
 */
export const taskConditions = `${whereSet("queueId", "queue_id =")} AND ${whereSet("type", "type =")}
  AND ${whereSet("correlationId", "correlation_id =")}
  AND (${parameter("states")} IS NULL OR state = ANY(${parameter("states")}))
  AND (NOT ${parameter("isBent")} OR ${keyTimeSql("id")} BETWEEN ${parameter("fromMs")} AND ${parameter("untilMs")})
  AND ${whereSet("workerId", "worker_id =")} AND ${whereSet("sourceService", "source_service =")}
  AND ${whereSet("minAttempt", "attempt >=")} AND ${whereSet("maxAttempt", "attempt <=")}
  AND ${whereSet("minPriority", "priority >=")} AND ${whereSet("maxPriority", "priority <=")}
  AND ${whereSet("inStateSinceMs", `${inStateSinceSql} <=`)}
  AND (${parameter("errorPart")} IS NULL OR position(${parameter("errorPart")} in ${foldedErrorSql}) > 0)`;

function whereSet(name: keyof typeof parameters, condition: string): string {
  return `(${parameter(name)} IS NULL OR ${condition} ${parameter(name)})`;
}

/**
 * What the column `error` of each row that a filter asks for holds, once its letters A to Z are small; `null`: the filter asks for no
 * error. It is the longest part of the text that is written in JSON as it is, and that only such letters, and two others whose small forms
 * are of them, become: U+0130 and U+212A.
 */
export function errorPartOf({ errorType, errorText }: Pick<TaskFilter, "errorType" | "errorText">): string | null {
  if (errorType === null && errorText === null) return null;
  const parts = [errorType ?? "", errorText ?? ""].flatMap((text) => foldedText(text).match(/[ !#-[\]-~]+/g) ?? []);
  return parts.reduce((longest, part) => (part.length > longest.length ? part : longest), "");
}
