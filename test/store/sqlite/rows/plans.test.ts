import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "../../../../src/store/sqlite/file/database.ts";
import { createPlans } from "../../../../src/store/sqlite/rows/plans.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";

const planOf = (stepId: string) =>
  JSON.stringify([{ stepId, dependsOn: [], reads: [], hasExpressions: false, compensateWith: null }]);

test("keeps one plan for workflows that are alike, by their name and by their steps", async () => {
  await using directory = await createTempDir();
  const { db } = openDatabase(join(directory.path, "sitq.db"), "full");
  const insert = db.prepare(
    "INSERT INTO workflow (id, name, state, size, correlation_id, digest, plan) VALUES (?, ?, 1, 1, 'c', 'd', ?)",
  );
  insert.run(1_000, "order", planOf("pay"));
  insert.run(2_000, "order", planOf("pay"));
  insert.run(3_000, "order", planOf("pack"));
  insert.run(4_000, "refund", planOf("pay"));
  const plans = createPlans(db);
  expect(plans.of(1_000)).toMatchObject({ name: "order", steps: [{ stepId: "pay" }] });
  expect(plans.of(2_000)).toBe(plans.of(1_000));
  expect(plans.of(3_000)).toMatchObject({ name: "order", steps: [{ stepId: "pack" }] });
  expect(plans.of(4_000)).toMatchObject({ name: "refund", steps: [{ stepId: "pay" }] });
  expect(plans.of(5_000)).toEqual({ name: "", steps: [], isSound: false });
  db.close();
});
