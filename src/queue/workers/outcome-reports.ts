import { SitqError } from "../../domain/errors.ts";
import type { Retries } from "../../domain/retries.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import type { AttemptReport, OutcomeCompleter } from "../leases/outcome-completer.ts";
import type { HeldLease } from "../leases/watched-lease.ts";
import type { ReportedOutcome, SettledStatus, WorkerChannel } from "./worker-channel.ts";

/** The session whose worker reports. */
export interface ReportingSession {
  readonly id: string;
  readonly connected: boolean;
  /** Outcomes have come: there is room for other tasks. */
  onRoom(): void;
  /** Tells the worker what became of its outcomes. */
  sendSettled(outcomes: Parameters<WorkerChannel["settled"]>[0]): void;
  /** The stream has ended, and the worker holds these leases after all. */
  onLeasesLeft(leases: readonly HeldLease[]): void;
}

/** What stores outcomes. */
export interface OutcomeParts {
  readonly leases: Pick<LeaseTable, "close" | "reopen">;
  readonly completer: Pick<OutcomeCompleter, "complete">;
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
  { leases, completer }: OutcomeParts,
  session: ReportingSession,
  outcomes: readonly ReportedOutcome[],
  isAgain: boolean,
): Promise<void> {
  const workerId = session.id;
  const valid = outcomes.flatMap(({ taskId, attempt, outcome }): AttemptReport[] =>
    outcome instanceof SitqError ? [] : [{ taskId, attempt, workerId, leaseKind: "stream", outcome }],
  );
  const closed = valid.flatMap((report) => leases.close(report) ?? []);
  if (closed.length > 0) session.onRoom();
  try {
    const answers = valid.length === 0 ? [] : await completer.complete(valid);
    let next = 0;
    const settled = outcomes.map(({ taskId, attempt, outcome }) => {
      const status: SettledStatus = outcome instanceof SitqError ? outcome : (answers[next++]?.status ?? "not_found");
      return { taskId, attempt, status };
    });
    if (session.connected) session.sendSettled(settled);
  } catch (error) {
    // Not stored: the worker still holds them, and may send them again over its next stream.
    for (const lease of closed) leases.reopen(lease);
    if (!isAgain && !session.connected && closed.length > 0) session.onLeasesLeft(closed);
    throw error;
  }
}
