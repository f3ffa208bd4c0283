import type { Case } from "./case.ts";
import { backlog } from "./cases/backlog.ts";
import { clients } from "./cases/clients.ts";
import { metrics } from "./cases/costs/metrics.ts";
import { secured } from "./cases/costs/secured.ts";
import { traces } from "./cases/costs/traces.ts";
import { crowd } from "./cases/crowd.ts";
import { drains } from "./cases/drains/drain.ts";
import { servers } from "./cases/drains/servers.ts";
import { enqueueAll, enqueueBatches } from "./cases/enqueue/batches.ts";
import { enqueueSingly } from "./cases/enqueue/singly.ts";
import { enqueueUnary } from "./cases/enqueue/unary.ts";
import { eventCases } from "./cases/events.ts";
import { everything } from "./cases/everything.ts";
import { expressions } from "./cases/expressions.ts";
import { growth } from "./cases/growth.ts";
import { latency } from "./cases/latency.ts";
import { memory } from "./cases/memory.ts";
import { overload } from "./cases/overload.ts";
import { overview } from "./cases/overview.ts";
import { picks } from "./cases/picks.ts";
import { workflowMemory } from "./cases/workflow-memory.ts";
import { workflows } from "./cases/workflows.ts";
import { xds } from "./cases/xds.ts";
import { echo } from "./ceilings/echo.ts";
import { rows } from "./ceilings/rows.ts";
import { stream } from "./ceilings/stream.ts";
import { sync } from "./ceilings/sync.ts";

/** Every case, the ceilings first. */
export const allCases: readonly Case[] = [
  echo,
  stream,
  rows,
  sync,
  enqueueUnary,
  enqueueSingly,
  enqueueBatches,
  enqueueAll,
  ...drains,
  ...eventCases,
  servers,
  everything,
  latency,
  overload,
  backlog,
  crowd,
  growth,
  memory,
  workflows,
  workflowMemory,
  expressions,
  picks,
  secured,
  metrics,
  traces,
  overview,
  xds,
  clients,
];

/** The case of this name; `undefined`: there is none. */
export function caseNamed(name: string): Case | undefined {
  return allCases.find((each) => each.name === name);
}

/** The cases of these names with the ceilings that they are compared with, in the order of all. */
export function withCeilings(names: readonly string[]): readonly Case[] {
  const ceilings = names.flatMap((name) => caseNamed(name)?.ceilings?.map((ceiling) => ceiling.name) ?? []);
  return allCases.filter(({ name }) => names.includes(name) || ceilings.includes(name));
}
