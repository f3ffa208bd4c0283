import { SitqError } from "../../domain/errors.ts";
import type { Lease } from "../../domain/lease.ts";
import type { OutcomeReport } from "../../domain/tasks/outcome.ts";
import type { SettleAnswer } from "../../store/task-store.ts";
import type { AttemptReport, OutcomeCompleter } from "../leases/outcome-completer.ts";

/** An outcome as a worker reports it, or the refusal of one that is not valid. */
export interface ReportedOutcome extends Lease {
  readonly outcome: OutcomeReport | SitqError;
}

/** What became of an outcome: the store's word, or the refusal of one that is not valid. */
export type SettledStatus = SettleAnswer["status"] | SitqError;

/** Completes those outcomes that are valid; answers what became of each, in order. */
export async function completeReported(
  completer: Pick<OutcomeCompleter, "complete">,
  outcomes: readonly ReportedOutcome[],
): Promise<SettledStatus[]> {
  const valid = validOf(outcomes);
  const answers = valid.length === 0 ? [] : await completer.complete(valid);
  let next = 0;
  return outcomes.map(({ outcome }) =>
    outcome instanceof SitqError ? outcome : (answers[next++]?.status ?? "not_found"),
  );
}

/** Those that are not refused: usually all. */
function validOf(outcomes: readonly ReportedOutcome[]): readonly AttemptReport[] {
  return areValid(outcomes) ? outcomes : outcomes.filter(isValid);
}

function areValid(outcomes: readonly ReportedOutcome[]): outcomes is readonly AttemptReport[] {
  return outcomes.every(isValid);
}

/** Whether an outcome is not refused. */
export function isValid(reported: ReportedOutcome): reported is AttemptReport {
  return !(reported.outcome instanceof SitqError);
}
