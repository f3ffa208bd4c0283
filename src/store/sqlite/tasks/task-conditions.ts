/** What a filter asks of a row of `task` beside its indexed columns, in SQL. */

import type Database from "better-sqlite3";
import { foldedText } from "../../../domain/operators/task-filter.ts";
import { keyTimeSql } from "../../rows/key-time.ts";
import { stateNumber } from "../../rows/task-states.ts";

/** A member of the column `error`; `null` where there is none, or the column is damaged. */
function errorMember(name: "type" | "message"): string {
  return `CASE WHEN json_valid(error) THEN error ->> '$.${name}' END`;
}

/** The type of a row's error; empty: it has none. */
export const errorTypeSql = `ifnull(${errorMember("type")}, '')`;

/** When the row came into its state. A waiting one: since its place in line, or its last attempt, whichever was later. */
const inStateSinceSql = `CASE
  WHEN state = ${stateNumber.running} THEN start_ms
  WHEN state >= ${stateNumber.completed} THEN finish_ms
  ELSE max(iif(state = ${stateNumber.scheduled}, ${keyTimeSql("id")}, ${keyTimeSql("ready_key")}),
    ifnull((SELECT finish_ms FROM attempt WHERE task_id = task.id ORDER BY seq DESC LIMIT 1), 0)) END`;

/** The conditions of a filter; each is off where its parameter is NULL. Those that read JSON come last. */
export const taskConditions = `(@queueId IS NULL OR queue_id = @queueId) AND (@type IS NULL OR type = @type)
  AND (@correlationId IS NULL OR correlation_id = @correlationId) AND (@states >> state) & 1
  AND (@isBent = 0 OR ${keyTimeSql("id")} BETWEEN @fromMs AND @untilMs)
  AND (@workerId IS NULL OR worker_id = @workerId) AND (@sourceService IS NULL OR source_service = @sourceService)
  AND (@minAttempt IS NULL OR attempt >= @minAttempt) AND (@maxAttempt IS NULL OR attempt <= @maxAttempt)
  AND (@minPriority IS NULL OR priority >= @minPriority) AND (@maxPriority IS NULL OR priority <= @maxPriority)
  AND (@inStateSinceMs IS NULL OR ${inStateSinceSql} <= @inStateSinceMs)
  AND (@errorType IS NULL OR (error IS NOT NULL AND ${errorTypeSql} = @errorType))
  AND (@errorText IS NULL OR holds_text(${errorMember("message")}, @errorText))`;

/** Gives a connection the function of these conditions. SQLite's own `lower` knows the letters of ASCII alone. */
export function defineTaskConditions(db: Database.Database): void {
  db.function("holds_text", { deterministic: true }, (text: unknown, folded: unknown) =>
    typeof text === "string" && foldedText(text).includes(String(folded)) ? 1 : 0,
  );
}
