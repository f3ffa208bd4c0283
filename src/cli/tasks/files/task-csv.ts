import { fromPayload, type Payload, type Task } from "../../../client/index.ts";
import { jsonText } from "../../../contract/json-text.ts";
import { msOf } from "../../terminal/times.ts";
import { stateWord } from "../output/task-words.ts";

const columns: Readonly<Record<string, (task: Task) => string | number>> = {
  id: ({ id }) => id,
  queue: ({ queue }) => queue,
  type: ({ type }) => type,
  state: ({ state }) => stateWord(state),
  priority: ({ priority }) => priority,
  attempt: ({ attempt }) => attempt,
  max_attempts: ({ maxAttempts }) => maxAttempts,
  correlation_id: ({ correlationId }) => correlationId,
  source_service: ({ sourceService }) => sourceService,
  worker_id: ({ workerId }) => workerId,
  create_time: ({ createTime }) => timeText(createTime),
  schedule_time: ({ scheduleTime }) => timeText(scheduleTime),
  start_time: ({ startTime }) => timeText(startTime),
  finish_time: ({ finishTime }) => timeText(finishTime),
  error_type: ({ lastError }) => lastError?.type ?? "",
  error_message: ({ lastError }) => lastError?.message ?? "",
  headers: ({ headers }) => (Object.keys(headers).length === 0 ? "" : jsonText(headers)),
  payload: ({ payload }) => contentText(payload),
  result: ({ result }) => contentText(result),
  damaged_fields: ({ damagedFields }) => damagedFields.join(" "),
};

/** The first line of a file of tasks as CSV: RFC 4180. */
export const csvTitles = `${Object.keys(columns).join(",")}\r\n`;

/** A task as a line of CSV. Payloads are JSON; bytes, and messages of some type, are in base64. */
export function csvLine(task: Task): string {
  return `${Object.values(columns)
    .map((cell) => quoted(String(cell(task))))
    .join(",")}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function contentText(payload: Payload | undefined): string {
  switch (payload?.kind.case) {
    case "json":
      return jsonText(fromPayload(payload));
    case "binary":
      return Buffer.from(payload.kind.value).toString("base64");
    case "message":
      return Buffer.from(payload.kind.value.value).toString("base64");
    case undefined:
      return "";
  }
}

function timeText(time: Task["createTime"]): string {
  const ms = msOf(time);
  return ms === null ? "" : new Date(ms).toISOString();
}
