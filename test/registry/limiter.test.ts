import { expect, it } from "vitest";
import { createLimiter } from "../../src/registry/limiter.ts";

it("runs so many at a time, the others in the order in which they came, whatever comes of them", async () => {
  const limited = createLimiter(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<string>());
  const results = ends.map(({ promise }, index) =>
    limited(() => {
      begun.push(index);
      return promise;
    }),
  );
  const settled = Promise.allSettled(results);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await turn();
  expect(begun).toEqual([0, 1]);
  ends[1]?.reject(new Error("no"));
  await turn();
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.resolve("a");
  ends[2]?.resolve("c");
  await turn();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  ends[3]?.resolve("d");
  ends[4]?.resolve("e");
  expect((await settled).map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
});
