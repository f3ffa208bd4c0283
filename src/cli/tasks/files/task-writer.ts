import type { Task } from "../../../client/index.ts";
import { jsonText } from "../../../contract/json-text.ts";
import { taskJson } from "../output/task-json.ts";
import { csvLine, csvTitles } from "./task-csv.ts";

/** How tasks are written: as JSON, one a line, or as CSV. */
export type FileFormat = "jsonl" | "csv";

/** Writes tasks, and counts them. */
export interface TaskWriter {
  /** Writes what stands before the first task. */
  begin(): Promise<void>;
  write(tasks: readonly Task[]): Promise<void>;
  readonly count: number;
  readonly bytes: number;
  /** How many have damaged content. */
  readonly damaged: number;
}

/** Creates a writer. @param sink takes its bytes, and resolves when it has room for more */
export function taskWriter(format: FileFormat, sink: { write(bytes: Uint8Array): Promise<void> }): TaskWriter {
  const lineOf = format === "csv" ? csvLine : jsonLine;
  let [count, bytes, damaged] = [0, 0, 0];

  async function put(text: string): Promise<void> {
    const content = Buffer.from(text);
    await sink.write(content);
    bytes += content.length;
  }

  return {
    begin: () => (format === "csv" ? put(csvTitles) : Promise.resolve()),
    async write(tasks) {
      if (tasks.length === 0) return;
      await put(tasks.map(lineOf).join(""));
      count += tasks.length;
      damaged += tasks.filter(({ damagedFields }) => damagedFields.length > 0).length;
    },
    get count() {
      return count;
    },
    get bytes() {
      return bytes;
    },
    get damaged() {
      return damaged;
    },
  };
}

/** Attempts are in it if they were read. */
function jsonLine(task: Task): string {
  const { attempts, ...rest } = taskJson(task);
  return `${jsonText(task.attempts.length > 0 ? { ...rest, attempts } : rest)}\n`;
}
