import { afterAll, test as base, beforeAll, expect } from "vitest";
import { Session } from "../../../../src/store/postgres/database/session.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../../harness/databases/postgres.ts";

const test = base.skipIf(isPostgresMissing);
let server: PostgresServer;
let session: Session;

beforeAll(async () => {
  if (isPostgresMissing) return;
  server = await startPostgres();
  session = await Session.open({ url: server.url, schema: "public", applicationName: "test" });
});
afterAll(async () => {
  await session?.close();
  await server?.stop();
});

const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
const lists: readonly (readonly [type: string, values: readonly unknown[]])[] = [
  ["bigint", [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32 - 1, -(2 ** 32), 2 ** 53 - 1, -(2 ** 53 - 1), null]],
  ["int", [0, 2 ** 31 - 1, -(2 ** 31), null]],
  ["smallint", [0, 32_767, -32_768, null]],
  ["bool", [true, false, null]],
  ["text", ["", "NULL", '"', "\\", "{}", "a,b", "é\u{1f600}", "\0\u0001", " ", null]],
  ["bytea", [new Uint8Array(), bytes, bytes.subarray(100, 101), null]],
];

test.each(lists)("a list of %s arrives as it was sent", async (type, values) => {
  const read = (list: readonly unknown[]) =>
    session.all<{ value: unknown }>(`SELECT value FROM unnest($1::${type}[]) AS list (value)`, [list]);
  expect((await read(values)).map(({ value }) => value)).toEqual(values);
  expect(await read([])).toEqual([]);
  expect(await read([undefined])).toEqual([{ value: null }]);
});

test("what is no whole number, or too large, is no number of a list", async () => {
  const read = (type: string, value: unknown) => session.all(`SELECT unnest($1::${type}[])`, [[value]]);
  await expect(read("bigint", 0.5)).rejects.toThrow("0.5 is no whole number");
  await expect(read("bigint", 2 ** 53)).rejects.toThrow("no whole number");
  await expect(read("int", 2 ** 31)).rejects.toThrow("out of range");
  await expect(read("smallint", 40_000)).rejects.toThrow("out of range");
  expect(await session.all("SELECT 1::int AS one")).toEqual([{ one: 1 }]);
});
