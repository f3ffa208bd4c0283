import { expect, it } from "vitest";
import { FreshLook } from "../../src/access/fresh-look.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

function counted(read: () => Promise<void> = async () => undefined) {
  const clock = createFakeClock();
  const begunMs: number[] = [];
  const look = new FreshLook(() => {
    begunMs.push(clock.monotonic());
    return read();
  }, clock);
  return { clock, begunMs, look };
}

it("looks at once, then four times a second at most, however many ask", async () => {
  const { clock, begunMs, look } = counted();
  expect(await look.take()).toBe(true);
  for (let second = 0; second < 2; second++) {
    for (let ms = 0; ms < 1_000; ms += 50) {
      const [first, another] = [look.take(), look.take()];
      clock.advance(50);
      if (clock.pendingTimers === 0) expect(await Promise.all([first, another])).toEqual([true, true]);
    }
  }
  expect(begunMs).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000]);
  expect(clock.pendingTimers).toBe(0);
});

it("answers who asks while it reads by the next look, which finds what this one may have missed", async () => {
  const reading = Promise.withResolvers<void>();
  const { clock, begunMs, look } = counted(() => reading.promise);
  const before = look.take();
  while (begunMs.length === 0) await null;
  const meanwhile = look.take();
  reading.resolve();
  expect(await before).toBe(true);
  expect(begunMs).toHaveLength(1);
  clock.advance(250);
  expect(await meanwhile).toBe(true);
  expect(begunMs).toEqual([0, 250]);
});

it("lets no more than a thousand wait, and says where nothing could be read", async () => {
  const { begunMs, look } = counted(async () => Promise.reject(new Error("the storage is away")));
  const answers = await Promise.all(Array.from({ length: 1_500 }, () => look.take()));
  expect(answers).toEqual(answers.map(() => false));
  expect(begunMs).toHaveLength(1);
  const well = counted();
  const found = await Promise.all(Array.from({ length: 1_500 }, () => well.look.take()));
  expect(found.filter((each) => each)).toHaveLength(1_000);
});
