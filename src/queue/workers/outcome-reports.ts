import { SitqError } from "../../domain/errors.ts";
import type { Settlement } from "../../store/task-store.ts";
import type { HeldLease } from "../leases/lease-table.ts";
import type { ReportedOutcome, SettledStatus, WorkerLink } from "./worker-channel.ts";
import type { WorkerContext } from "./worker-context.ts";

/** The session whose worker reports. */
export interface ReportingSession {
  readonly workerId: string;
  readonly connected: boolean;
  /** Outcomes have come: there is room for other tasks. */
  freed(): void;
  /** Tells the worker what became of its outcomes. */
  settled(outcomes: Parameters<WorkerLink["settled"]>[0]): void;
  /** The stream has ended, and the worker holds these leases after all. */
  leftHolding(leases: readonly HeldLease[]): void;
}

/**
 * Stores the outcomes that a worker reports over its stream, and tells it.
 *
 * A full disk is no reason to end the stream, with all else that it carries: the worker keeps the outcomes as long as it is not
 * told of them, its leases live on with its heartbeats, and they are stored once there is room.
 */
export function createOutcomeReports(
  { leases, completer, retries }: WorkerContext,
  session: ReportingSession,
): (outcomes: readonly ReportedOutcome[]) => Promise<void> {
  const { workerId } = session;

  async function store(outcomes: readonly ReportedOutcome[], isAgain: boolean): Promise<void> {
    const valid = outcomes.flatMap(({ taskId, attempt, outcome }): Settlement[] =>
      outcome instanceof SitqError ? [] : [{ taskId, attempt, workerId, leaseKind: "stream", outcome }],
    );
    const closed = valid.flatMap((settlement) => leases.close(settlement) ?? []);
    if (closed.length > 0) session.freed();
    try {
      const answers = valid.length === 0 ? [] : await completer.complete(valid);
      let next = 0;
      const settled = outcomes.map(({ taskId, attempt, outcome }) => {
        const status: SettledStatus = outcome instanceof SitqError ? outcome : (answers[next++]?.status ?? "not_found");
        return { taskId, attempt, status };
      });
      if (session.connected) session.settled(settled);
    } catch (error) {
      // Not stored: the worker still holds them, and may send them again over its next stream.
      for (const lease of closed) leases.reopen(lease);
      if (!isAgain && !session.connected && closed.length > 0) session.leftHolding(closed);
      throw error;
    }
  }

  return (outcomes) =>
    store(outcomes, false).catch((error: unknown) => {
      if (!(error instanceof SitqError) || error.reason !== "DISK_FULL" || !session.connected) throw error;
      return retries.untilDone("storing outcomes", () => store(outcomes, true));
    });
}
