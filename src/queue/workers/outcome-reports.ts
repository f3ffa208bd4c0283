import { SitqError } from "../../domain/errors.ts";
import type { Retries } from "../../domain/retries.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import type { OutcomeCompleter } from "../leases/outcome-completer.ts";
import type { HeldLease } from "../leases/watched-lease.ts";
import { completeReported, isValid, type ReportedOutcome, type SettledStatus } from "./reported-outcomes.ts";
import type { WorkerStatistics } from "./worker-statistics.ts";

/** The session whose worker reports. */
export interface ReportingSession {
  readonly connected: boolean;
  /** `n` tasks have ended: there is room for others. */
  onEnded(n: number): void;
  /** Tells the worker what became of its outcomes. */
  sendSettled(outcomes: readonly ReportedOutcome[], statuses: readonly SettledStatus[]): void;
  /** The stream has ended, and the worker holds these leases after all. */
  onLeasesLeft(leases: readonly HeldLease[]): void;
}

/** What stores outcomes. */
export interface OutcomeParts {
  readonly leases: Pick<LeaseTable, "close" | "reopen">;
  readonly completer: Pick<OutcomeCompleter, "complete">;
  readonly statistics: Pick<WorkerStatistics, "ended">;
  readonly retries: Retries;
}

/**
 * Stores the outcomes that a worker reports over its stream, and answers them.
 *
 * A full disk does not end the stream, with all else that it carries: the worker keeps the outcomes until they are answered, its
 * heartbeats keep its leases, and the outcomes are stored once there is room.
 */
export async function storeOutcomes(
  parts: OutcomeParts,
  session: ReportingSession,
  outcomes: readonly ReportedOutcome[],
): Promise<void> {
  try {
    await storeOnce(parts, session, outcomes, false);
  } catch (error) {
    if (!(error instanceof SitqError) || error.reason !== "DISK_FULL" || !session.connected) throw error;
    await parts.retries.untilDone("storing outcomes", () => storeOnce(parts, session, outcomes, true));
  }
}

async function storeOnce(
  { leases, completer, statistics }: OutcomeParts,
  session: ReportingSession,
  outcomes: readonly ReportedOutcome[],
  isAgain: boolean,
): Promise<void> {
  /** In the order of the outcomes. */
  const closed = outcomes.map((report) => (isValid(report) ? leases.close(report) : null));
  const ended = closed.filter((lease) => lease !== null).length;
  if (ended > 0) session.onEnded(ended);
  try {
    const statuses = await completeReported(completer, outcomes);
    statistics.ended(outcomes, statuses, closed);
    if (session.connected) session.sendSettled(outcomes, statuses);
  } catch (error) {
    // Not stored: the worker still holds them, and may send them again over its next stream.
    const left = closed.filter((lease) => lease !== null);
    for (const lease of left) leases.reopen(lease);
    if (!isAgain && !session.connected && left.length > 0) session.onLeasesLeft(left);
    throw error;
  }
}
