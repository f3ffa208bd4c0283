import { expect, test } from "vitest";
import { createEngine } from "../../../../src/store/sqlite/engine/engine.ts";
import { openDatabase } from "../../../../src/store/sqlite/file/database.ts";
import { createGroupCommit, StorageFailure } from "../../../../src/store/sqlite/thread/group-commit.ts";
import { packVerbs } from "../../../../src/store/sqlite/thread/packed-verbs.ts";
import { createVerbs } from "../../../../src/store/sqlite/thread/verbs.ts";
import { createTempDir } from "../../../harness/temp-dir.ts";

test("after an I/O error it writes nothing more, whatever has arrived meanwhile", async () => {
  await using dir = await createTempDir();
  const { db } = openDatabase(dir.file("sitq.db"), "full");
  const engine = createEngine(db, 100);
  const verbs = packVerbs(createVerbs(engine));
  const written = () => db.prepare<[], number>("SELECT total_changes()").pluck().get();
  const { settle: commit } = createGroupCommit(engine, {
    ...verbs,
    listQueues() {
      throw Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_FSYNC" });
    },
  });
  expect(() => commit([{ id: 1, verb: "listQueues", args: [null, 10] }])).toThrow(StorageFailure);
  const before = written();
  expect(() => commit([{ id: 2, verb: "updateQueue", args: ["q", { paused: true }, true, 1] }])).toThrow(
    StorageFailure,
  );
  expect(written()).toBe(before);
  db.close();
});
