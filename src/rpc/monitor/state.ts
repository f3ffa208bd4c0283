import { create } from "@bufbuild/protobuf";
import {
  type OverviewTotals,
  OverviewTotalsSchema,
  type Problem as WireProblem,
} from "../../../gen/sitq/v1/monitor_service_pb.js";
import type { Scope } from "../../domain/access/scope.ts";
import { findProblems } from "../../domain/monitor/find-problems.ts";
import { worstFirst } from "../../domain/monitor/problem-list.ts";
import type { Monitor } from "../../monitor/monitor.ts";
import type { Overview } from "../../monitor/overview.ts";
import { maxWaitMs as defaultMaxWaitMs, type QueueRow } from "../../monitor/queue-rows.ts";
import { type QueueSummary, type QueueSums, summarize } from "../../monitor/queue-summary.ts";
import { withinScope } from "./overview.ts";
import { toProblem } from "./problem.ts";

/** How everything within a scope is, in short. */
export interface OverallState {
  readonly totals: OverviewTotals;
  /** Worst first. */
  readonly problems: WireProblem[];
}

/** The queues within a scope, taken together. */
interface Summarized {
  /** As QueueRows.names was; those within the scope. */
  readonly names: readonly string[];
  readonly allowed: readonly string[];
  /** As QueueRows.version was. */
  readonly version: number;
  readonly summary: QueueSummary;
}

/** How many scopes are remembered: each holds the names of its queues. */
const mostScopes = 32;

/** How everything is, in short. The queues of a scope are taken together only when one has changed. */
export class OverallStates {
  readonly #monitor: Pick<Monitor, "rows" | "settings">;
  readonly #summaries = new Map<string, Summarized>();

  constructor(monitor: Pick<Monitor, "rows" | "settings">) {
    this.#monitor = monitor;
  }

  /** How everything within a scope is. @param maxWaitMs how long a task may wait before that is a problem */
  of(everything: Overview, scope: Scope, maxWaitMs = defaultMaxWaitMs): OverallState {
    const overview = withinScope(everything, scope);
    const { nowMs } = overview;
    const { leaseDurationMs, knowsWorkers } = this.#monitor.settings;
    const thresholds = { nowMs, maxWaitMs, leaseDurationMs, knowsWorkers };
    const { sums, problems } =
      maxWaitMs === defaultMaxWaitMs
        ? this.#summaryOf(scope)
        : summarize(this.#rowsOf(this.#allowedBy(scope)), thresholds);
    const others = findProblems(overview, thresholds);
    return { totals: toTotals(sums, overview), problems: worstFirst([problems, others], nowMs).map(toProblem) };
  }

  #summaryOf(scope: Scope): QueueSummary {
    const { rows } = this.#monitor;
    const key = scope.isWhole ? "" : scope.key;
    const known = this.#summaries.get(key);
    const { version } = rows;
    if (known?.version === version) return known.summary;
    const names = rows.names();
    const allowed = known?.names === names ? known.allowed : this.#allowedBy(scope);
    const summary = summarize(this.#rowsOf(allowed), null);
    this.#summaries.delete(key);
    this.#summaries.set(key, { names, allowed, version, summary });
    const [oldest] = this.#summaries.keys();
    if (this.#summaries.size > mostScopes && oldest !== undefined) this.#summaries.delete(oldest);
    return summary;
  }

  #allowedBy(scope: Scope): readonly string[] {
    const names = this.#monitor.rows.names();
    return scope.isWhole ? names : names.filter((name) => scope.allows("queue", name));
  }

  *#rowsOf(names: readonly string[]): Generator<QueueRow> {
    for (const name of names) {
      const row = this.#monitor.rows.get(name);
      if (row !== undefined) yield row;
    }
  }
}

function toTotals(sums: QueueSums, { workers }: Overview): OverviewTotals {
  const connected = workers.filter(({ state }) => state !== "disconnected");
  return create(OverviewTotalsSchema, {
    ...sums,
    blocked: BigInt(sums.blocked),
    scheduled: BigInt(sums.scheduled),
    pending: BigInt(sums.pending),
    running: BigInt(sums.running),
    failed: BigInt(sums.failed),
    workers: connected.length,
    capacity: BigInt(connected.reduce((sum, { capacity }) => sum + capacity, 0)),
    inFlight: BigInt(connected.reduce((sum, { inFlight }) => sum + inFlight, 0)),
  });
}
