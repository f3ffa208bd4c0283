#!/usr/bin/env bash
# pg (node-postgres) 8.23.1 answers wrong numbers, without an error, where a query asks for its result in binary.
#
# `binary: true` of a query or a client, which its types declare, makes the server send numbers, times and bytes as they are. The driver reads each
# column as UTF-8 text all the same and makes bytes of that text afterwards, so that any byte above 127 has become U+FFFD before the value is read:
# 200 arrives as 239, a count of three billion as four, a timestamp in another month. Values whose bytes happen to be ASCII, such as 100, are right, so
# that a test with small numbers passes. For text, which is UTF-8 in either format, nothing is wrong, and a query without values ignores the option.
# node-postgres has an open issue of it, number 3495.
#
# Seen with pg 8.23.1, PGlite 0.5.14 (PostgreSQL 18.6) behind pglite-socket 0.2.17, and Node 20.19 and 24.21.0; the same with PostgreSQL 15.18 of Debian:
#   100::int4          as text 100                       in binary 100
#   200::int4          as text 200                       in binary 239
#   3000000000::int8   as text 3000000000                in binary 4022320623
#   1.1::float8        as text 1.1                       in binary 1.1000000012536326
#   2026-01-01         as text 2026-01-01T00:00:00.000Z  in binary 2026-03-11T15:05:46.762Z
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat > run.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { createServer } from "node:net";
import pg from "pg";

const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});
const server = new PGLiteSocketServer({ db: await PGlite.create(), host: "127.0.0.1", port });
await server.start();
const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" });
await client.connect();
console.log((await client.query("SHOW server_version")).rows[0].server_version);

// A column of 8 bytes has no parser for the binary format: this one reads what it is given.
const types = {
  getTypeParser: (type, format) =>
    format === "binary" && type === 20 ? (bytes) => String(bytes.readBigInt64BE(0)) : pg.types.getTypeParser(type, format),
};
const shown = (value) =>
  value instanceof Date ? value.toISOString() : Buffer.isBuffer(value) ? value.toString("hex") : String(value);
async function both([type, value]) {
  // With a value: without any the driver uses the simple protocol, which knows text alone.
  const query = { text: `SELECT $1::${type} AS v`, values: [value], types };
  const asked = async (binary) => shown((await client.query({ ...query, binary })).rows[0].v);
  return { type, value: shown(value), text: await asked(false), binary: await asked(true) };
}
const right = [["int4", 100], ["text", "é"], ["bool", true]];
const wrong = [["int4", 200], ["int8", 3_000_000_000], ["float8", 1.1], ["timestamptz", "2026-01-01T00:00:00Z"]];
const results = [];
for (const each of [...right, ...wrong]) results.push(await both(each));
for (const { type, text, binary } of results) console.log(`${type}: as text ${text}, in binary ${binary}`);
await client.end();
await server.stop();
const isAsSeen = results.every(({ text, binary }, index) => (text === binary) === index < right.length);
process.exit(isAsSeen && results[right.length].binary === "239" ? 0 : 1);
JS
timeout 120 node run.mjs
