import { expect, it } from "vitest";
import { createStorageClock } from "../../src/cluster/storage-clock.ts";
import { type LogMethod, silentLog } from "../../src/domain/log.ts";
import { createServerClock } from "../../src/domain/server-clock.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

const hourMs = 3_600_000;

/** A machine and a storage, whose clock is `aheadMs` ahead of the machine's as that was at first. */
function startMachine({ aheadMs = 0 } = {}) {
  const machine = createFakeClock();
  const startMs = machine.now();
  const logged: string[] = [];
  const add: LogMethod = (facts, message) => void logged.push(`${message} ${JSON.stringify(facts)}`);
  const clock = createStorageClock(machine, -aheadMs, { ...silentLog, warn: add, info: add });
  let offMs = startMs + aheadMs;
  return {
    machine,
    clock,
    startMs,
    logged,
    storageMs: () => machine.monotonic() + offMs,
    /** Sets the storage's clock off. */
    jump(ms: number) {
      offMs += ms;
    },
    /** Looks at it; it is read after so much of the time that the look takes. */
    async look({ thereMs = 0, backMs = 0 } = {}) {
      await clock.look(async () => {
        machine.advance(thereMs);
        const nowMs = machine.monotonic() + offMs;
        machine.advance(backMs);
        return { nowMs, revisions: { shifts: 0 } };
      });
    },
  };
}

it.each([4_000, -4_000])("has the storage's time from the start, %d ms from the machine's", async (aheadMs) => {
  const { clock, machine, startMs, look, logged } = startMachine({ aheadMs });
  expect(clock.now()).toBe(startMs + aheadMs);
  await look();
  machine.advance(2_000);
  expect(clock.now()).toBe(startMs + aheadMs + 2_000);
  const differ = "the clocks of this machine and of the database differ: the database's counts";
  expect(logged).toEqual([`${differ} {"ahead_ms":${-aheadMs}}`]);
});

it.each([hourMs, -hourMs])(
  "is not moved by a machine's clock that jumps by %d ms, and has it logged once",
  async (ms) => {
    const { clock, machine, startMs, look, logged } = startMachine();
    machine.jump(ms);
    for (let times = 0; times < 3; times++) await look();
    expect(clock.now()).toBe(startMs);
    machine.jump(-ms);
    for (let times = 0; times < 3; times++) await look();
    expect(clock.now()).toBe(startMs);
    expect(logged).toEqual([
      `the clocks of this machine and of the database differ: the database's counts {"ahead_ms":${ms}}`,
      "the clocks of this machine and of the database agree again {}",
    ]);
  },
);

it.each([hourMs, -hourMs, 30, -30])("follows the storage's clock that jumps by %d ms at the next look", async (ms) => {
  const { clock, startMs, look, jump } = startMachine();
  await look();
  jump(ms);
  expect(clock.now()).toBe(startMs);
  await look();
  expect(clock.now()).toBe(startMs + ms);
});

it("takes no difference that the way there and back may have made for one, and of a greater one the least", async () => {
  const { clock, machine, storageMs, look, jump } = startMachine();
  for (const way of [{ thereMs: 900 }, { backMs: 900 }, { thereMs: 300, backMs: 600 }]) {
    await look(way);
    expect(clock.now()).toBe(storageMs());
  }
  jump(1_000);
  await look({ thereMs: 300, backMs: 300 });
  expect(storageMs() - clock.now()).toBe(300);
  await look({ thereMs: 10, backMs: 10 });
  expect(storageMs() - clock.now()).toBe(10);
  machine.advance(hourMs);
  await look();
  expect(clock.now()).toBe(storageMs());
});

it("goes on while the storage cannot be reached", async () => {
  const { clock, machine, startMs, look } = startMachine();
  await look();
  const away = clock.look(async () => {
    machine.advance(5_000);
    throw new Error("away");
  });
  await expect(away).rejects.toThrow("away");
  machine.advance(hourMs);
  expect(clock.now()).toBe(startMs + hourMs + 5_000);
});

it("lets the server's time stand still, and not go back, when another storage takes over whose clock is a little behind", async () => {
  const { clock: storageClock, machine, look, jump } = startMachine();
  const clock = createServerClock(storageClock);
  let jumps = 0;
  clock.onJump(() => jumps++);
  const before = clock.now();
  jump(-80);
  await look();
  expect(clock.now()).toBe(before);
  machine.advance(100);
  expect(clock.now()).toBe(before + 20);
  expect([jumps, clock.jumpMs()]).toEqual([0, 0]);
});
