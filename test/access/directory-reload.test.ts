import { expect, it } from "vitest";
import { DirectoryReload } from "../../src/access/directory-reload.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

function counted(read: () => Promise<void> = async () => undefined) {
  const clock = createFakeClock();
  const begunMs: number[] = [];
  const reload = new DirectoryReload(() => {
    begunMs.push(clock.monotonic());
    return read();
  }, clock);
  return { clock, begunMs, reload };
}

it("reloads at once, then four times a second at most, however many ask", async () => {
  const { clock, begunMs, reload } = counted();
  await reload.run();
  for (let second = 0; second < 2; second++) {
    for (let ms = 0; ms < 1_000; ms += 50) {
      const [first, another] = [reload.run(), reload.run()];
      clock.advance(50);
      if (clock.pendingTimers === 0) await Promise.all([first, another]);
    }
  }
  expect(begunMs).toEqual([0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000]);
  expect(clock.pendingTimers).toBe(0);
});

it("answers who asks while it reads by the next reload, which finds what this one may have missed", async () => {
  const reading = Promise.withResolvers<void>();
  const { clock, begunMs, reload } = counted(() => reading.promise);
  const before = reload.run();
  while (begunMs.length === 0) await null;
  const meanwhile = reload.run();
  reading.resolve();
  await before;
  expect(begunMs).toHaveLength(1);
  clock.advance(250);
  await meanwhile;
  expect(begunMs).toEqual([0, 250]);
});

it("lets no more than a thousand wait, and says where nothing could be read", async () => {
  const reasons = async ({ reload }: ReturnType<typeof counted>) => {
    const answers = await Promise.all(Array.from({ length: 1_500 }, () => reload.run().catch(({ reason }) => reason)));
    return [...Map.groupBy(answers, (reason) => reason ?? "RELOADED")].map(([reason, some]) => [reason, some.length]);
  };
  const away = counted(async () => Promise.reject(new Error("the storage is away")));
  expect(await reasons(away)).toEqual([
    ["STORE_UNREACHABLE", 1_000],
    ["OVERLOADED", 500],
  ]);
  expect(away.begunMs).toHaveLength(1);
  expect(await reasons(counted())).toEqual([
    ["RELOADED", 1_000],
    ["OVERLOADED", 500],
  ]);
});
