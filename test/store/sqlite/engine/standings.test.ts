import { join } from "node:path";
import { expect, test } from "vitest";
import { createStandings } from "../../../../src/store/sqlite/engine/standings.ts";
import { openDatabase } from "../../../../src/store/sqlite/file/database.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";

test("reads a workflow once, follows its steps, and reads it anew when it has to", async () => {
  await using directory = await createTempDir();
  const { db } = openDatabase(join(directory.path, "sitq.db"), "full");
  db.exec(`
    INSERT INTO queue (id, name, settings, create_ms, update_ms) VALUES (1, 'q', '{}', 0, 0);
    INSERT INTO workflow (id, name, state, size, correlation_id, digest, plan) VALUES (1000, 'order', 2, 3, 'c', 'd', '[]');
    INSERT INTO task (id, queue_id, state, priority, ready_key, type, workflow_id)
      VALUES (1001, 1, 3, 0, 1001, 'pay', 1000), (1003, 1, 1, 0, 1003, 'ship', 1000);
  `);
  const standings = createStandings(db);
  const first = { state: "running", compensation: "none", isAtRest: false, steps: ["pending", "missing", "blocked"] };
  expect(standings.of(1_000)).toEqual(first);

  standings.stepMoved(1_000, 0, "running");
  db.exec("UPDATE workflow SET state = 5");
  expect(standings.of(1_000)).toEqual({ ...first, steps: ["running", "missing", "blocked"] });
  standings.forget(1_000);
  expect(standings.of(1_000)).toEqual({ ...first, state: "cancelled" });

  standings.stepMoved(1_000, 2, "completed");
  standings.reload();
  expect(standings.of(1_000)).toEqual({ ...first, state: "cancelled" });
  // Of what is not kept a move says nothing.
  standings.forget(1_000);
  standings.stepMoved(1_000, 2, "completed");
  expect(standings.of(1_000)).toEqual({ ...first, state: "cancelled" });
  expect(standings.of(2_000)).toBeUndefined();
  db.close();
});
