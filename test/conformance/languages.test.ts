import { expect, test } from "vitest";
import { languages } from "../../conformance/languages.ts";
import { rules } from "../../conformance/rules/rules.ts";
import { prepare } from "../../conformance/toolchain.ts";

const [typescript] = languages;

test("a language whose toolchain is missing is not built, and the reason is said", () => {
  const language = { ...typescript, name: "Tomorrow", toolchain: ["a-compiler-of-tomorrow"], build: ["false"] };
  expect(prepare({ command: [], ...language })).toBe("a-compiler-of-tomorrow is not installed");
});

test("a program that cannot be built is an error, not a language that is skipped", () => {
  const language = {
    name: "Broken",
    toolchain: [process.execPath, "--version"],
    build: [process.execPath, "-e", "process.exit(1)"],
  };
  expect(() => prepare(language)).toThrow("the program of Broken cannot be built");
});

test("the rules that a language cannot keep are there", () => {
  const ids = rules.map(({ id }) => id);
  for (const { without } of languages) for (const id of Object.keys(without)) expect(ids).toContain(id);
});
