import type { Log } from "../../domain/log.ts";
import type { WorkerSession } from "../../queue/workers/worker-session.ts";

/**
 * Looks after workers whose messages are too large. Such a message ends the stream, and a worker that keeps what is not settled sends
 * it again over the next one, which keeps its leases alive: nothing else would ever end that.
 */
export interface OversizedMessages {
  /** The stream of a worker ended because a message was too large. The third time in a row its leases end too. */
  ended(session: WorkerSession): void;
  /** Outcomes of the worker came through. */
  wasHeard(session: WorkerSession): void;
}

/** So often may a worker try smaller messages. */
const tries = 3;
/** Workers that are remembered; the least recently active one is dropped for a new one. */
const mostRemembered = 10_000;

/** Creates a counter of oversized messages. @param forfeit ends the leases of a worker */
export function createOversizedMessages(
  log: Pick<Log, "warn">,
  forfeit: (session: WorkerSession) => void,
): OversizedMessages {
  const times = new Map<string, number>();
  return {
    ended(session) {
      const n = (times.get(session.id) ?? 0) + 1;
      times.delete(session.id);
      if (n < tries) {
        const [oldest] = times.keys();
        if (times.size >= mostRemembered && oldest !== undefined) times.delete(oldest);
        times.set(session.id, n);
        return;
      }
      log.warn(
        { worker_id: session.id, leases: session.inFlight },
        "a worker keeps sending a message that is too large; ending its leases",
      );
      forfeit(session);
    },
    wasHeard({ id }) {
      if (times.size > 0) times.delete(id);
    },
  };
}
