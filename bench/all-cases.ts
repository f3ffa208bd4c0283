import type { Case } from "./case.ts";
import { drain } from "./cases/drain.ts";
import { echo } from "./cases/echo.ts";
import { enqueueBatches } from "./cases/enqueue-batches.ts";
import { enqueueSingly } from "./cases/enqueue-singly.ts";
import { latency } from "./cases/latency.ts";
import { memory } from "./cases/memory.ts";
import { rows } from "./cases/rows.ts";

/** Every case, the ceilings first. */
export const allCases: readonly Case[] = [echo, rows, enqueueSingly, enqueueBatches, drain, latency, memory];

/** The case of this name; `undefined`: there is none. */
export function caseNamed(name: string): Case | undefined {
  return allCases.find((each) => each.name === name);
}
