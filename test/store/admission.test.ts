import { expect, it } from "vitest";
import { createAdmission } from "../../src/store/admission.ts";

const mib = 1_048_576;

/** Calls that the test answers, in the order in which they reached the store. */
function heldAdmission(maxWaitingCalls = 1_000, maxWaitingBytes = 64 * mib) {
  const admission = createAdmission({ maxWaitingCalls, maxWaitingBytes });
  const reached: { readonly name: string; readonly answer: () => void; readonly fail: () => void }[] = [];
  const admit = (name: string, items = 1, bytes = 100) =>
    admission.admit(items, bytes, () => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      reached.push({ name, answer: () => resolve(name), fail: () => reject(new Error(name)) });
      return promise;
    });
  return { admission, reached, admit };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it("hands the store a bounded part, and the rest in order as that is answered", async () => {
  const { reached, admit } = heldAdmission();
  const answers = Array.from({ length: 600 }, (_, n) => admit(String(n)));
  expect(reached).toHaveLength(512);
  reached[7]?.answer();
  reached[3]?.fail();
  await expect(answers[3]).rejects.toThrow("3");
  await turn();
  expect(reached.slice(512).map(({ name }) => name)).toEqual(["512", "513"]);
  for (const { answer } of reached) answer();
  await turn();
  for (const { answer } of reached) answer();
  expect(await Promise.all(answers.toSpliced(3, 1))).toHaveLength(599);
});

it("hands over several batches however large they are, so that the next lies ready", () => {
  const { reached, admit } = heldAdmission();
  for (let n = 0; n < 6; n++) void admit(String(n), 1_000);
  expect(reached).toHaveLength(4);
});

it("refuses at once what is beyond its bounds, and takes again when there is room", async () => {
  const { admission, reached, admit } = heldAdmission(3);
  const answers = [admit("a"), admit("b"), admit("c")];
  expect(() => admission.assertOpen()).toThrow("server is overloaded");
  const refused = { reason: "OVERLOADED", kind: "exhausted", details: { retryAfterMs: 1_000 } };
  await expect(admit("d")).rejects.toMatchObject(refused);
  reached[0]?.answer();
  await answers[0];
  admission.assertOpen();
  void admit("e");
  expect(reached.map(({ name }) => name)).toEqual(["a", "b", "c", "e"]);
});

it("bounds the bytes that wait, and takes one alone whatever its size", async () => {
  const { reached, admit } = heldAdmission(1_000, mib);
  const large = admit("large", 1, 3 * mib);
  await expect(admit("small")).rejects.toMatchObject({ reason: "OVERLOADED" });
  reached[0]?.answer();
  await large;
  void admit("small");
  await expect(admit("large", 1, mib)).rejects.toMatchObject({ reason: "OVERLOADED" });
  expect(reached.map(({ name }) => name)).toEqual(["large", "small"]);
});
