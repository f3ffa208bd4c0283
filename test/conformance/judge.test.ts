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

// A rule waits for what never comes, so many wait at a time; on a busy machine what does come takes some seconds.
test.concurrent.each(Object.entries(faults))(
  "a program that %s breaks its rule",
  async (name, { breaks, complaint }) => {
    const command = [process.execPath, "conformance/programs/faulty.ts", name];
    const chosen = rules.filter(({ id }) => id === breaks);
    const [verdict] = await judge(command, { rules: chosen, atATime: 1, patienceMs: 10_000 });
    expect(verdict?.complaint, breaks).toMatch(complaint);
    expect(verdict?.transcript.length).toBeGreaterThan(1);
  },
);
