import type { Cluster } from "../cluster/cluster.ts";
import type { Log } from "../domain/log.ts";
import type { Retries } from "../domain/retries.ts";
import type { ServerClock } from "../domain/server-clock.ts";
import { createService, type Service } from "../domain/service.ts";
import type { Store } from "../store/store.ts";

/**
 * What the server does when the wall clock jumps. At first it only warns: the server's time goes on as if nothing had happened. A
 * jump that lasts a minute is followed: the stored times of running spans are shifted by as much, in one transaction, so that
 * each span keeps its length; times that a caller has chosen stay as they are.
 *
 * Of servers that share a database it is the database's clock that counts. Each of them notices a jump of it by itself; the one that leads
 * shifts the stored times, once, and the others follow when it has. Where it does not, since the jump was one of this machine alone, which
 * stood still with its monotonic clock, they follow without it.
 *
 * A deletion cannot be undone. So none takes place for an hour after a jump, nor after a start by a clock that is far from the
 * newest time in the file.
 */
export interface ClockJumps extends Service {
  /** What an operator has to know of the clock and the file, as they were compared at the start; `null`: nothing. */
  readonly notice: string | null;
  /** Compares the two clocks once. */
  runOnce(): void;
  /** Whether something may be deleted because it is old. */
  mayDelete(): boolean;
}

/** What this needs. */
export interface ClockJumpsOptions {
  readonly clock: ServerClock;
  readonly store: Pick<Store, "shiftTimes" | "newestMs">;
  readonly retries: Retries;
  readonly log: Log;
  readonly cluster: Pick<Cluster, "storageClock" | "isLeader" | "tell" | "onLeading" | "onRevised">;
  /** Called when the server's time was set. */
  readonly onFollowed: () => void;
}

/** How often the clocks are compared where nothing else has reason to, in milliseconds. */
const compareMs = 10_000;
/** How long a jump has to last until it is followed, in milliseconds. */
const lastingMs = 60_000;
/** How much longer a server waits for the leader to shift the stored times, in milliseconds. */
const leaderMs = 60_000;
/** How long nothing is deleted after a jump, in milliseconds. */
const holdMs = 3_600_000;
/** How far ahead of the clock the file may be at a start, in milliseconds. */
const aheadMs = 300_000;
/** How long ago the newest time in the file may be at a start until deletions wait, in milliseconds. */
const goneMs = 7 * 86_400_000;

/** Creates what watches a server's clock. */
export function createClockJumps(options: ClockJumpsOptions): ClockJumps {
  const { clock, store, retries, log, cluster, onFollowed } = options;
  const itsClock = cluster.storageClock === null ? "the wall clock" : "the clock of the database";
  let stopped = false;
  let heldSinceMs: number | null = null;
  let endTimer: () => void = () => undefined;
  let endCompare: () => void = () => undefined;
  let notice: string | null = null;
  /** How many shifts were known when the jump was noticed: where there is one more, its times have been shifted. */
  let knownShifts = 0;
  /** The jump has lasted, and the leader has to shift the times. */
  let isWaiting = false;

  function hold(): void {
    heldSinceMs = clock.monotonic();
  }

  function noticed(): void {
    const jumpMs = clock.jumpMs();
    hold();
    knownShifts = cluster.storageClock?.shifts ?? 0;
    log.warn(
      { jump_ms: jumpMs },
      `${itsClock} jumped by ${span(jumpMs)}: server time continues unchanged and follows in a minute`,
    );
    followLater(jumpMs);
  }

  function followLater(jumpMs: number): void {
    stopWaiting();
    if (stopped) return;
    endTimer = clock.after(lastingMs, () => {
      const nowMs = clock.jumpMs();
      if (nowMs === 0) log.info({ jump_ms: jumpMs }, `${itsClock} jumped back: nothing changed`);
      // It was set again meanwhile.
      else if (Math.abs(nowMs - jumpMs) > lastingMs / 2) noticed();
      else if (cluster.isLeader) followNow({ shifts: true });
      else waitForLeader();
    });
  }

  function waitForLeader(): void {
    isWaiting = true;
    endTimer = clock.after(leaderMs, () => followNow({ shifts: false }));
  }

  function stopWaiting(): void {
    endTimer();
    isWaiting = false;
  }

  function followNow(how: { readonly shifts: boolean }): void {
    stopWaiting();
    follow(how).catch(() => undefined);
  }

  async function follow({ shifts }: { readonly shifts: boolean }): Promise<void> {
    let followedMs = 0;
    await retries.untilDone(`following ${itsClock}`, async () => {
      followedMs = clock.jumpMs();
      if (followedMs === 0) return;
      // Every verb that is called from here on has the new time, and comes after the shift.
      clock.shift(followedMs);
      if (!shifts) return;
      try {
        await store.shiftTimes(followedMs, knownShifts);
      } catch (error) {
        clock.shift(-followedMs);
        throw error;
      }
    });
    if (followedMs === 0) return;
    hold();
    log.warn({ jump_ms: followedMs }, `server time adjusted to ${itsClock} by ${span(followedMs)}`);
    if (shifts) cluster.tell({ revised: true });
    onFollowed();
  }

  function runOnce(): void {
    // Reading the time compares the clocks.
    clock.now();
  }

  function compareAgain(): void {
    runOnce();
    endCompare = clock.after(compareMs, compareAgain);
  }

  /** Compares the clock with the newest time in the file. */
  async function compareWithFile(): Promise<void> {
    const nowMs = clock.now();
    const newestMs = (await store.newestMs()) ?? nowMs;
    if (nowMs - newestMs > goneMs) hold();
    if (newestMs - nowMs <= aheadMs) return;
    hold();
    const ahead = { file_time: new Date(newestMs).toISOString(), ahead_ms: newestMs - nowMs };
    notice = `the file was last written at ${ahead.file_time}, ${span(newestMs - nowMs)} ahead of this machine's clock: one of the two clocks is wrong`;
    log.warn(ahead, notice);
  }

  clock.onJump(noticed);
  cluster.onLeading(() => {
    if (isWaiting) followNow({ shifts: true });
  });
  cluster.onRevised("shifts", () => {
    if (stopped) return;
    runOnce();
    // Another server has shifted the times by the jump.
    if (clock.jumpMs() !== 0) followNow({ shifts: false });
  });

  const service = createService({
    start() {
      compareAgain();
      return compareWithFile();
    },
    stop() {
      stopped = true;
      stopWaiting();
      endCompare();
    },
  });

  return {
    ...service,
    get notice() {
      return notice;
    },
    runOnce,

    mayDelete() {
      clock.now();
      if (heldSinceMs !== null && clock.monotonic() - heldSinceMs >= holdMs) heldSinceMs = null;
      return heldSinceMs === null && clock.jumpMs() === 0;
    },
  };
}

/** A span for a person: `-1 h`, `40 d`, `2.5 s`. */
function span(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ] as const;
  const [name, unitMs] = units.find(([, size]) => Math.abs(ms) >= size) ?? ["s", 1_000];
  return `${Number((ms / unitMs).toFixed(1))} ${name}`;
}
