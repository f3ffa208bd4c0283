import { expect, it } from "vitest";
import { createServerClock } from "../../src/domain/server-clock.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

const hourMs = 3_600_000;

function clockOverMachine() {
  const machine = createFakeClock();
  const clock = createServerClock(machine);
  let jumps = 0;
  clock.onJump(() => jumps++);
  return { machine, clock, startMs: machine.now(), jumps: () => jumps };
}

it.each([hourMs, -hourMs, 40 * 24 * hourMs, -1_001, 1_001])(
  "goes on as before when the wall clock jumps by %d ms",
  (ms) => {
    const { machine, clock, startMs, jumps } = clockOverMachine();
    machine.advance(500);
    machine.jump(ms);
    expect([clock.now() - startMs, clock.jumpMs(), jumps()]).toEqual([500, ms, 1]);
    machine.advance(2_000);
    expect([clock.now() - startMs, clock.jumpMs(), jumps()]).toEqual([2_500, ms, 1]);
    machine.jump(-ms);
    expect([clock.now() - startMs, clock.jumpMs()]).toEqual([2_500, 0]);
    machine.jump(ms);
    clock.now();
    expect(jumps()).toBe(2);
  },
);

it("follows small steps by itself, and never goes down by one", () => {
  const { machine, clock, jumps } = clockOverMachine();
  machine.jump(700);
  expect(clock.now()).toBe(machine.now());
  const before = clock.now();
  machine.jump(-900);
  expect(clock.now()).toBe(before);
  machine.advance(901);
  expect(clock.now()).toBe(machine.now());
  expect(jumps()).toBe(0);
});

it("follows a slow drift of any length", () => {
  const { machine, clock, jumps } = clockOverMachine();
  for (let minute = 0; minute < 600; minute++) {
    machine.advance(60_000);
    machine.jump(-30);
    clock.now();
  }
  expect(clock.now()).toBe(machine.now());
  expect(jumps()).toBe(0);
});

it("goes where it is told to, and agrees with the wall clock again", () => {
  const { machine, clock, jumps } = clockOverMachine();
  machine.jump(-hourMs);
  clock.now();
  clock.shift(clock.jumpMs());
  expect([clock.now(), clock.jumpMs()]).toEqual([machine.now(), 0]);
  machine.advance(5);
  expect(clock.now()).toBe(machine.now());
  expect(jumps()).toBe(1);
});

it("takes no standstill between two readings for a jump", () => {
  const machine = createFakeClock();
  let stallMs = 0;
  const clock = createServerClock({
    ...machine,
    now() {
      machine.advance(stallMs);
      return machine.now();
    },
  });
  let jumps = 0;
  clock.onJump(() => jumps++);
  stallMs = 60_000;
  clock.now();
  stallMs = 0;
  expect(clock.now()).toBe(machine.now());
  expect(jumps).toBe(0);
});

it("answers whole milliseconds", () => {
  let ms = 0.25;
  const clock = createServerClock({ ...createFakeClock(), now: () => Math.floor(ms) + 1_000, monotonic: () => ms });
  for (; ms < 5; ms += 0.3) expect(Number.isInteger(clock.now())).toBe(true);
});
