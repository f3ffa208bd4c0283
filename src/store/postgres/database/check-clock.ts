import type { Clock } from "../../../domain/clock.ts";
import { StoreRefused } from "../../store-refused.ts";
import type { Session } from "./session.ts";

/** How far the clock of this machine may be from that of the database at a start, in milliseconds: beyond it one of them is wrong. */
export const mostClockGapMs = 10_000;

/**
 * Compares the clock of this machine with that of the database. The way there and back is taken for equally long; what it may have
 * been at the most counts in favour of the clocks. Answers how far this machine's is ahead, in milliseconds; 0: no more than that.
 *
 * @throws StoreRefused if they are more than ten seconds apart
 */
export async function checkClock(session: Session, name: string, clock: Clock): Promise<number> {
  const askedMs = clock.now();
  const began = clock.monotonic();
  const row = await session.get<{ ms: number }>("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms");
  const halfMs = (clock.monotonic() - began) / 2;
  const databaseMs = row?.ms ?? 0;
  const ownMs = askedMs + halfMs;
  const gapMs = ownMs - databaseMs;
  // Both clocks answer whole milliseconds.
  if (Math.abs(gapMs) <= halfMs + 1) return 0;
  if (Math.abs(gapMs) - halfMs <= mostClockGapMs) return gapMs;
  const seconds = Math.round(Math.abs(gapMs) / 1_000);
  throw new StoreRefused(
    `The clock of this machine (${textOf(ownMs)}) is ${seconds} s ${gapMs > 0 ? "ahead of" : "behind"} that of ${name.replace(/^The/, "the")} (${textOf(databaseMs)}); ` +
      `at most ${mostClockGapMs / 1_000} s are allowed. Let both machines set their clocks by NTP, then start again.`,
  );
}

function textOf(ms: number): string {
  return new Date(ms).toISOString();
}
