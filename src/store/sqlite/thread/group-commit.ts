import { systemClock } from "../../../domain/clock.ts";
import type { SlowCommit } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { OpenLease } from "../engine/open-leases.ts";
import { besideLeases, readingVerbs } from "../engine/verb-kinds.ts";
import type { DiskRoom } from "./disk-room.ts";
import { areCompletions, type PackedVerbs } from "./packed-verbs.ts";
import type { Answer, Call } from "./thread-messages.ts";

/** How long a commit takes at the least that is reported as slow, in milliseconds: others wait as long. */
const slowMs = 500;

/** Storage that must not be trusted any more: what the last commit did is not known, or the file is damaged. */
export class StorageFailure extends Error {
  override readonly name = "StorageFailure";
}

/**
 * Makes the function that runs calls in one transaction, with one fsync, and answers when it is on the disk.
 *
 * A call that throws is a bug or a full disk. The transaction is undone and every call runs again alone, so that only the one at
 * fault is refused. No savepoint stands between the calls: each would cost what some verbs cost. Where the disk is full, the
 * reserve gives way first, and then only calls that do not add to what is stored run again. Without a reserve, reads are still answered.
 *
 * @throws StorageFailure after an I/O error, and from then on without looking at the file: fsync must not be repeated, since the
 *   kernel may have dropped the pages that it could not write and says so only once. Calls that arrived meanwhile would write on
 *   top of a commit of which nothing is known, with counts of the queues that belong to it
 */
export function createGroupCommit(
  { db, queues, subscriptions, standings, changes, leases, keys, damages, tallies }: Engine,
  verbs: PackedVerbs,
  room?: DiskRoom,
  onSlow: (commit: SlowCommit) => void = () => undefined,
) {
  const begin = db.prepare("BEGIN");
  const commit = db.prepare("COMMIT");
  const rollback = db.prepare("ROLLBACK");
  let failure: StorageFailure | null = null;

  function run({ verb, args }: Call): unknown {
    const action = verbs[verb];
    if (action === undefined) throw new Error(`no verb ${verb}`);
    return action(...args);
  }

  function transact(calls: readonly Call[], old: readonly OpenLease[] = []): Answer[] {
    const mark = changes.mark();
    leases.begin();
    tallies?.begin();
    const startMs = systemClock.monotonic();
    try {
      begin.run();
      leases.write(old);
      const answers = calls.map((call) => ({ id: call.id, value: run(call) }));
      queues.flush();
      const syncStartMs = systemClock.monotonic();
      commit.run();
      queues.committed();
      committed(calls, startMs, syncStartMs);
      return answers;
    } catch (error) {
      if (isStorageFailure(error)) {
        failure = new StorageFailure(messageOf(error), { cause: error });
        throw failure;
      }
      undo(mark);
      throw error;
    }
  }

  function committed(calls: readonly Call[], startMs: number, syncStartMs: number): void {
    const endMs = systemClock.monotonic();
    const durationMs = endMs - startMs;
    tallies?.committed(calls.length, durationMs, endMs - syncStartMs);
    if (durationMs < slowMs) return;
    onSlow({ durationMs, syncMs: endMs - syncStartMs, verbs: calls.map(({ verb }) => verb) });
  }

  function undo(mark: ReturnType<typeof changes.mark>): void {
    if (db.inTransaction) rollback.run();
    queues.reload();
    subscriptions.reload();
    standings.reload();
    keys.reload();
    leases.undo();
    changes.undo(mark);
    damages.undo();
    tallies?.undo();
  }

  /** Answers a read on a full disk: it sees the open leases in a transaction that is undone. */
  function readOnly(call: Call): Answer {
    const mark = changes.mark();
    leases.begin();
    tallies?.begin();
    try {
      begin.run();
      return { id: call.id, value: run(call) };
    } finally {
      undo(mark);
    }
  }

  function settle(calls: readonly Call[]): Answer[] {
    if (failure !== null) throw failure;
    if (room === undefined) return settleAdmitted(calls);
    const { admitted, refused } = room.admit(calls);
    const answers = admitted.length === 0 ? [] : settleAdmitted(admitted);
    for (const { id, verb } of refused) answers.push({ id, error: "disk_low", message: verb });
    return answers;
  }

  function settleAdmitted(calls: readonly Call[]): Answer[] {
    try {
      return transact(calls);
    } catch (error) {
      if (error instanceof StorageFailure) throw error;
      if (isDiskFull(error) && room?.release()) return settle(calls);
      const [only, ...rest] = calls;
      if (only === undefined) return [];
      if (rest.length > 0) return calls.flatMap((call) => settle([call]));
      if (isDiskFull(error) && readingVerbs.has(only.verb)) return [readOnly(only)];
      return [refusalOf(only, error)];
    }
  }

  /** Answers a claim from what is committed; `null`: it needs a transaction. */
  function claimFirst(call: Call): Answer | null {
    leases.begin();
    try {
      return { id: call.id, value: run(call) };
    } catch {
      // Whatever it was shows again in the transaction.
      leases.undo();
      return null;
    }
  }

  return {
    /** Runs the calls; see above. */
    settle,

    /**
     * Answers the claims among calls that can be answered before the others are committed: what they hand out need not be on the disk,
     * and is not of these calls. None goes before a call that it could make a difference to.
     *
     * @returns the answers, and the calls that are left
     */
    claimFirst(calls: readonly Call[]): { readonly answers: readonly Answer[]; readonly left: readonly Call[] } {
      const answers: Answer[] = [];
      let mayPass = failure === null;
      const left = calls.filter((call) => {
        mayPass &&= besideLeases.has(call.verb);
        // Others can bring a task back to its old place in line.
        mayPass &&= call.verb !== "settle" || areCompletions(call.args);
        const answer = mayPass && call.verb === "claim" ? claimFirst(call) : null;
        if (answer !== null) answers.push(answer);
        return answer === null;
      });
      return { answers, left };
    },

    /** Writes open leases in a transaction of their own. On a full disk they stay open. */
    writeLeases(open: readonly OpenLease[]): void {
      if (failure !== null) throw failure;
      try {
        if (open.length > 0) transact([], open);
      } catch (error) {
        if (!isDiskFull(error)) throw error;
      }
    },
  };
}

function refusalOf({ id, verb }: Call, error: unknown): Answer {
  if (isDiskFull(error)) return { id, error: "disk_full", message: messageOf(error) };
  const stack = error instanceof Error ? error.stack : String(error);
  return { id, error: "bug", message: `${verb}: ${stack}` };
}

function isDiskFull(error: unknown): boolean {
  return codeOf(error).startsWith("SQLITE_FULL");
}

const failureCodes = ["SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_READONLY", "SQLITE_CANTOPEN"];

function isStorageFailure(error: unknown): boolean {
  const code = codeOf(error);
  return failureCodes.some((prefix) => code.startsWith(prefix));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${codeOf(error)} ${error.message}`.trim() : String(error);
}
