import { describe, expect } from "vitest";
import type { TaskFilter } from "../../../../src/domain/operators/task-filter.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { failed } from "../../outcomes.ts";
import { listIds } from "../../read-all.ts";
import { createStoreTest } from "../../store-harness.ts";
import { postgresForTests } from "../open-postgres.ts";

describe.skipIf(isPostgresMissing)("errors that hold what PostgreSQL cannot", () => {
  const test = createStoreTest(postgresForTests());

  test("are found by their types and texts, in any case, counted and put back", async (harness) => {
    const error = { type: "Odd\0Error", message: "a\0b\u0001 \u212a \u0130x ÄRGER \ud83d\ude00", stackTrace: "\0" };
    const id = await harness.enqueue({ correlationId: "c\0d" });
    await harness.settle(await harness.claimOne(), failed({ error, terminal: true }));
    expect((await harness.task(id)).error).toEqual(error);
    const found: [Partial<TaskFilter>, string[]][] = [
      [{ errorType: "Odd\0Error" }, [id]],
      [{ errorType: "OddError" }, []],
      [{ errorText: "A\0B\u0001" }, [id]],
      [{ errorText: "A\0B\0" }, []],
      [{ errorText: "\u0001 k " }, [id]],
      [{ errorText: "\u0130X" }, [id]],
      [{ errorText: "ix" }, []],
      [{ errorText: "ärger \ud83d\ude00" }, [id]],
      [{ correlationId: "c\0d" }, [id]],
      [{ correlationId: "c\0" }, []],
    ];
    for (const [filter, ids] of found)
      expect(await listIds(harness.store, filter), JSON.stringify(filter)).toEqual(ids);
    const page = { queue: null, type: null, cursor: null, limit: 10 };
    expect((await harness.store.listFailures(page)).groups).toMatchObject([
      { errorType: error.type, count: 1, sampleId: id, sampleMessage: error.message },
    ]);
    expect(await harness.store.retry([id], harness.now)).toMatchObject([{ status: "retried" }]);
    expect((await harness.store.listFailures(page)).groups).toEqual([]);
  });
});
