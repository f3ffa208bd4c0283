import { expect, test } from "vitest";
import { judge } from "../../conformance/judge/judge.ts";
import { faults } from "../../conformance/programs/faults/faults.ts";
import { rules } from "../../conformance/rules/rules.ts";

/** Rules of every kind that are tried in a few seconds. */
const quickRules = [
  "hello",
  "more-tasks-than-capacity",
  "cut-during-outcome",
  "cancel",
  "stop",
  "request-id",
  "reason",
];

test("the program of the TypeScript SDK keeps rules of every kind", async () => {
  const chosen = rules.filter(({ id }) => quickRules.includes(id));
  expect(chosen).toHaveLength(quickRules.length);
  const command = [process.execPath, "conformance/programs/typescript.ts"];
  for (const { complaint, transcript, errors } of await judge(command, { rules: chosen, atATime: 4 })) {
    expect(complaint, [...transcript, errors].join("\n")).toBeNull();
  }
});

test("a program with a fault breaks the rule that the fault is about", async () => {
  const waiting = Object.entries(faults);
  async function judgeNext(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [name, { breaks, complaint }] = next;
      const command = [process.execPath, "conformance/programs/faulty.ts", name];
      const chosen = rules.filter(({ id }) => id === breaks);
      const [verdict] = await judge(command, { rules: chosen, atATime: 1, patienceMs: 5_000 });
      expect(verdict?.complaint, `${name}: ${breaks}`).toMatch(complaint);
      expect(verdict?.transcript.length, name).toBeGreaterThan(1);
    }
  }
  await Promise.all(Array.from({ length: 6 }, judgeNext));
});
