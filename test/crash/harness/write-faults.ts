import { writeSync } from "node:fs";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import type { History } from "./history.ts";
import type { Remains } from "./judge.ts";

/** What was found wrong, by kind. */
export type Faults = Readonly<Record<string, readonly string[]>>;

/** Writes faults to standard error at once: they are known even if the run is interrupted before vitest reports them. */
export function writeFaults(faults: Faults): void {
  write(Object.entries(faults).flatMap(([kind, each]) => each.map((fault) => `${kind}: ${fault}`)));
}

/** Writes all that is known of each task that a fault names. */
export function writeHistoryOf(faults: Faults, { handOuts, outcomes, cancels }: History, { read }: Remains): void {
  const text = Object.values(faults).flat().join("\n");
  for (const { id, type, state, attempts } of read.values()) {
    if (!text.includes(id)) continue;
    const isOfTask = ({ taskId }: { readonly taskId: string }) => taskId === id;
    write([
      `task ${id} ${type} ${TaskState[state]}`,
      ...attempts.map(({ attempt, workerId, outcome }) => `  shown: ${attempt} ${workerId} ${AttemptOutcome[outcome]}`),
      ...handOuts.filter(isOfTask).map((handOut) => `  handed out: ${JSON.stringify(handOut)}`),
      ...outcomes.filter(isOfTask).map((outcome) => `  told: ${JSON.stringify(outcome)}`),
      ...cancels.filter(isOfTask).map((cancel) => `  cancelled: ${JSON.stringify(cancel)}`),
    ]);
  }
}

function write(lines: readonly string[]): void {
  if (lines.length > 0) writeSync(2, `${lines.join("\n")}\n`);
}
