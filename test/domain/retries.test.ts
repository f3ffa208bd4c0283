import { expect, it } from "vitest";
import { SitqError } from "../../src/domain/errors.ts";
import { type Log, silentLog } from "../../src/domain/log.ts";
import { createRetries } from "../../src/domain/retries.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

const full = new SitqError("DISK_FULL", "The disk of the server is full.");

function loggedRetries() {
  const clock = createFakeClock();
  const lines: string[] = [];
  const line = (level: string) => (_: unknown, message: string) => void lines.push(`${level} ${message}`);
  const log: Log = { ...silentLog, error: line("error"), info: line("info") };
  const retries = createRetries({ clock, random: () => 0.5, log });
  return { clock, lines, retries };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Work that fails as often as is said, and remembers when it was tried. */
function failing(times: number, clock: { monotonic(): number }, error: unknown = full) {
  const triedMs: number[] = [];
  const work = async () => {
    triedMs.push(clock.monotonic());
    if (triedMs.length <= times) throw error;
    return "done";
  };
  return { work, triedMs };
}

it("tries again until it succeeds, with pauses from one second to thirty", async () => {
  const { clock, retries } = loggedRetries();
  const { work, triedMs } = failing(8, clock);
  const done = retries.untilDone("sweeping", work);
  for (let second = 0; second < 200; second++) {
    await turn();
    clock.advance(1_000);
  }
  expect(await done).toBe("done");
  const pauses = triedMs.slice(1).map((ms, index) => (ms - (triedMs[index] ?? 0)) / 1_000);
  expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
});

it("draws its pauses by chance, so that those who failed together do not return together", async () => {
  const clock = createFakeClock();
  const draws = [0, 0.999];
  const retries = createRetries({ clock, random: () => draws.shift() ?? 0.5, log: silentLog });
  const [early, late] = [failing(1, clock), failing(1, clock)];
  const done = Promise.all([retries.untilDone("a", early.work), retries.untilDone("b", late.work)]);
  for (let ms = 0; ms < 1_300; ms += 50) {
    await turn();
    clock.advance(50);
  }
  await done;
  expect([early.triedMs[1], late.triedMs[1]]).toEqual([800, 1_200]);
});

it("logs an outage once, and once that it is over, however many pieces of work it troubles", async () => {
  const { clock, retries, lines } = loggedRetries();
  const done = Promise.all([1, 2, 3].map((times) => retries.untilDone("sweeping", failing(times, clock).work)));
  await turn();
  expect(lines).toEqual(["error sweeping: failed, and is tried again until it succeeds"]);
  for (let second = 0; second < 10; second++) {
    await turn();
    clock.advance(1_000);
  }
  await done;
  expect(lines.slice(1)).toEqual(["info sweeping: goes on"]);
  const again = retries.untilDone("sweeping", failing(1, clock).work);
  await turn();
  clock.advance(1_000);
  await again;
  expect(lines).toHaveLength(4);
});

it("waits for one pause at a time, and forgets it when the work succeeds by other means", async () => {
  const { clock, retries } = loggedRetries();
  const trouble = retries.trouble("claiming");
  let again = 0;
  for (let times = 0; times < 3; times++) trouble.failed(full, () => again++);
  clock.advance(1_000);
  expect(again).toBe(1);
  trouble.failed(full, () => again++);
  trouble.succeeded();
  clock.advance(60_000);
  expect(again).toBe(1);
  trouble.failed(full, () => again++);
  clock.advance(1_000);
  expect(again).toBe(2);
});

it("rejects what waits when it is stopped, and leaves no timer", async () => {
  const { clock, retries } = loggedRetries();
  const done = retries.untilDone("sweeping", failing(9, clock).work);
  retries.trouble("claiming").failed(full, () => undefined);
  await turn();
  const stopped = retries.stop();
  await expect(done).rejects.toBe(full);
  await stopped;
  expect(clock.pendingTimers).toBe(0);
  await expect(retries.untilDone("sweeping", failing(1, clock).work)).rejects.toBe(full);
});

it.each(["STORE_FAILED", "DRAINING"] as const)("does not try again after %s", async (reason) => {
  const { clock, retries, lines } = loggedRetries();
  const final = new SitqError(reason, "No more.");
  await expect(retries.untilDone("sweeping", failing(1, clock, final).work)).rejects.toBe(final);
  expect([lines, clock.pendingTimers]).toEqual([[], 0]);
});
