import { expect, it } from "vitest";
import { createFakeClock } from "./fake-clock.ts";

it("runs what falls due in the order of time, each at its own moment", () => {
  const clock = createFakeClock(1_000);
  const ran: [string, number][] = [];
  clock.after(30, () => ran.push(["c", clock.now()]));
  clock.after(10, () => {
    ran.push(["a", clock.now()]);
    clock.after(5, () => ran.push(["b", clock.now()]));
  });
  clock.after(31, () => ran.push(["late", clock.now()]));
  clock.advance(30);
  expect(ran).toEqual([
    ["a", 1_010],
    ["b", 1_015],
    ["c", 1_030],
  ]);
  expect(clock.now()).toBe(1_030);
  expect(clock.pendingTimers).toBe(1);
});

it("forgets what was called off", () => {
  const clock = createFakeClock();
  const callOff = clock.after(1, () => expect.unreachable("it was called off"));
  callOff();
  clock.advance(2);
  expect(clock.pendingTimers).toBe(0);
});

it("moves only the wall clock by a jump", () => {
  const clock = createFakeClock(5_000);
  let ran = false;
  clock.after(100, () => {
    ran = true;
  });
  clock.jump(3_600_000);
  expect([clock.now(), clock.monotonic(), ran]).toEqual([3_605_000, 0, false]);
  clock.advance(100);
  expect(ran).toBe(true);
});

it("runs what waits for the network without being moved", async () => {
  const clock = createFakeClock();
  await new Promise<void>((resolve) => clock.afterIo(resolve));
});
