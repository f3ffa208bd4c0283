import { expect, it } from "vitest";
import { KnownRevisions } from "../../src/cluster/revisions.ts";

it("reads again what has changed, and until it succeeds", async () => {
  const revisions = new KnownRevisions();
  const counts = { access: 1, services: 1, settings: 1, shifts: 0 };
  let reads = 0;
  let isAway = true;
  revisions.on("access", async () => {
    reads++;
    if (isAway) throw new Error("the storage is away");
  });
  revisions.on("settings", () => {
    throw new Error("nobody changed them");
  });
  const look = async (access: number) => {
    revisions.found({ ...counts, access });
    await new Promise((resolve) => setImmediate(resolve));
    return reads;
  };
  // The first counts are those of what was read at the start.
  expect(await look(1)).toBe(0);
  expect(await look(2)).toBe(1);
  expect(await look(2)).toBe(2);
  isAway = false;
  expect(await look(2)).toBe(3);
  expect(await look(2)).toBe(3);
});
