import { createServer } from "node:net";
import { expect, test } from "vitest";
import { isConflict, isConnectionLost, sqlStateOf } from "../../../../src/store/postgres/database/sql-state.ts";

/** An error with a code. */
function coded(code: string, more: object = {}): Error {
  return Object.assign(new Error("it failed"), { code, ...more });
}

test("errors of the network are a lost connection, also those whose code looks like a SQLSTATE", async () => {
  const listening = createServer();
  const refused = await new Promise<Error>((resolve) => {
    listening.once("error", resolve);
    listening.listen({ port: 1, host: "203.0.113.1" });
  });
  expect(isConnectionLost(refused)).toBe(true);
  const brokenPipe = coded("EPIPE", { errno: -32, syscall: "write" });
  expect(sqlStateOf(brokenPipe)).toBe("");
  expect(isConnectionLost(brokenPipe)).toBe(true);
  expect(isConflict(brokenPipe)).toBe(false);
});

test("errors of the database are a lost connection where it shuts down", () => {
  expect(sqlStateOf(coded("57P01"))).toBe("57P01");
  expect(isConnectionLost(coded("57P01"))).toBe(true);
  expect(isConnectionLost(coded("23505"))).toBe(false);
  expect(isConflict(coded("40001"))).toBe(true);
});
