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
  await look.take();
  for (let second = 0; second < 2; second++) {
    for (let ms = 0; ms < 1_000; ms += 50) {
      const [first, another] = [look.take(), look.take()];
      clock.advance(50);
      if (clock.pendingTimers === 0) await Promise.all([first, another]);
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
  await before;
  expect(begunMs).toHaveLength(1);
  clock.advance(250);
  await meanwhile;
  expect(begunMs).toEqual([0, 250]);
});

it("lets no more than a thousand wait, and says where nothing could be read", async () => {
  const reasons = async ({ look }: ReturnType<typeof counted>) => {
    const answers = await Promise.all(Array.from({ length: 1_500 }, () => look.take().catch(({ reason }) => reason)));
    return [...Map.groupBy(answers, (reason) => reason ?? "LOOKED")].map(([reason, some]) => [reason, some.length]);
  };
  const away = counted(async () => Promise.reject(new Error("the storage is away")));
  expect(await reasons(away)).toEqual([
    ["STORE_UNREACHABLE", 1_000],
    ["OVERLOADED", 500],
  ]);
  expect(away.begunMs).toHaveLength(1);
  expect(await reasons(counted())).toEqual([
    ["LOOKED", 1_000],
    ["OVERLOADED", 500],
  ]);
});
