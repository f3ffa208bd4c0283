import { describe, expect, test } from "vitest";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";
import { postgresForTests } from "../open-postgres.ts";

describe.skipIf(isPostgresMissing)("reads that share a transaction", () => {
  const open = postgresForTests();

  test("are answered each with its own tasks, in the order asked", async () => {
    const { store, close } = await open();
    try {
      const made = await store.enqueue(
        [newTask({ type: "a" }), newTask({ type: "b" }), newTask({ type: "c" })],
        startMs,
      );
      const [a = "", b = "", c = ""] = made.map((answer) => (answer.status === "created" ? answer.task.id : ""));
      const asked = [[b], [], [c, "0", a], [a, a]];
      const answers = await Promise.all(asked.map((ids) => store.get(ids)));
      expect(answers.map((found) => found.map((each) => each?.task.type ?? null))).toEqual([
        ["b"],
        [],
        ["c", null, "a"],
        ["a", "a"],
      ]);
    } finally {
      await close();
    }
  });
});
