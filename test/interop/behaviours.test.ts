/** The behaviours of interop/ have to be seen to fail: with a client that calls whatever it likes. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { behaviours } from "../../interop/behaviours/behaviours.ts";
import { Scene } from "../../interop/trial/scene.ts";
import { Miss, Trial } from "../../interop/trial/trial.ts";

/** A client that has heard of two instances, a and b, and shares calls evenly between them, come what may. */
const deaf = `
  require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
    const { calls } = JSON.parse(line);
    const half = Math.floor(calls / 2);
    const answers = half === 0 ? { a: calls } : { a: calls - half, b: half };
    console.log(JSON.stringify({ answers, failures: {}, messages: [] }));
  });
`;

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set({ security: "plaintext", command: [process.execPath, "-e", deaf], variables: {} });
});
afterAll(() => scene[Symbol.asyncDispose]());

test.each([
  ["none-yet", "without an instance: a 3, b 2"],
  ["one-less", "it is not so that b gets no calls"],
  ["weights", "of weights 3 and 2 came a 5000, b 5000"],
  ["hash-header", "customer 0 went to a 5, b 5"],
])(
  "%s is missed by a client that does not heed the server",
  async (id, complaint) => {
    const behaviour = behaviours.find((each) => each.id === id);
    const trial = new Trial(scene, () => undefined);
    const ended = await behaviour?.run(trial).catch((error: unknown) => error);
    await trial.end();
    expect(ended).toBeInstanceOf(Miss);
    expect(ended).toHaveProperty("message", expect.stringContaining(complaint));
  },
  30_000,
);
