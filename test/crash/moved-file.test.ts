import { rename } from "node:fs/promises";
import { expect, it } from "vitest";
import { startServer } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";

it("ends with 1 and a clear line when its file is moved, and will not begin with another one", async () => {
  await using dir = await createTempDir();
  const db = dir.file("sitq.db");
  await using server = await startServer({ db });
  await rename(db, dir.file("away.db"));
  expect(await server.exited).toEqual({ code: 1, signal: null });
  expect(server.log).toMatch(/sitq\.db was moved, replaced or deleted while the server had it open/);
  await expect(startServer({ db })).rejects.toThrow(/is missing, but .*sitq\.db-wal is not: the two belong together/);

  await rename(dir.file("away.db"), db);
  await using again = await startServer({ db });
  again.signal("SIGTERM");
  expect(await again.exited).toEqual({ code: 0, signal: null });
});
