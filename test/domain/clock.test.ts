import { expect, it } from "vitest";
import { systemClock } from "../../src/domain/clock.ts";

it("runs what was asked for, and not what was called off", async () => {
  const ran: string[] = [];
  const callOff = systemClock.after(0, () => ran.push("called off"));
  callOff();
  await new Promise<void>((resolve) => {
    systemClock.after(-5, () => ran.push("past"));
    systemClock.after(1, resolve);
  });
  expect(ran).toEqual(["past"]);
});

it("takes a delay that is longer than Node's timers as the longest that they know", () => {
  let ran = false;
  const callOff = systemClock.after(1e12, () => {
    ran = true;
  });
  expect(ran).toBe(false);
  callOff();
});

it("reads what has arrived before it goes on", async () => {
  const order: string[] = [];
  await new Promise<void>((resolve) => {
    systemClock.afterIo(() => {
      order.push("after");
      resolve();
    });
    setImmediate(() => order.push("turn"));
  });
  expect(order).toEqual(["turn", "after"]);
});

it("tells wall time, and a time that never goes back", () => {
  const [a, b] = [systemClock.monotonic(), systemClock.monotonic()];
  expect(b).toBeGreaterThanOrEqual(a);
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(10_000);
});
