#!/usr/bin/env bash
# PostgreSQL 18 copies a large value when an UPDATE moves its row to another partition, though it keeps it in place in any other UPDATE.
#
# A value above 2 kB is stored beside its row, in the table's TOAST table, and an UPDATE that does not change it leaves it there: the new version of
# the row points to it. Each partition has a TOAST table of its own, so an UPDATE that changes no more than the partition key deletes the value and
# writes it anew: a job of a megabyte that is marked as done by moving it costs the write-ahead log more than a megabyte, not some hundred bytes. So in a
# table of jobs that is partitioned by what is done, moving a finished job is cheap only as long as its payload is small. PostgreSQL 15.18 (Debian 12) does
# the same: 20,200 and 42,520,392 bytes.
#
# Seen with PGlite 0.5.17 (PostgreSQL 18.7) and Node 24.21.0, 20 rows of a megabyte each:
#   UPDATE in place:               32,736 bytes of write-ahead log
#   UPDATE to another partition:   42,671,784 bytes
#
# Exits 0 while this is so, non-zero if it changes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
echo '{"type": "module", "private": true}' > package.json
npm install --silent --no-audit --no-fund @electric-sql/pglite@0.5.17
cat > run.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";

const rows = 20;
const bytes = 1_000_000;
const db = await PGlite.create();
const one = async (sql) => Object.values((await db.query(sql)).rows[0])[0];
console.log(await one("SHOW server_version"));
await db.exec(`
  CREATE TABLE job (id int, done_on int NOT NULL, note text, payload bytea) PARTITION BY RANGE (done_on);
  CREATE TABLE job_open PARTITION OF job FOR VALUES FROM (0) TO (1);
  CREATE TABLE job_done PARTITION OF job FOR VALUES FROM (1) TO (100);
  ALTER TABLE job ALTER COLUMN payload SET STORAGE EXTERNAL;
  INSERT INTO job SELECT n, 0, 'new', convert_to(repeat('x', ${bytes}), 'UTF8') FROM generate_series(1, ${rows}) AS n`);

async function logOf(statement) {
  await db.exec("CHECKPOINT");
  const before = await one("SELECT pg_current_wal_insert_lsn()");
  await db.exec(statement);
  return Number(await one(`SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${before}')`));
}
const inPlace = await logOf("UPDATE job SET note = 'seen' WHERE done_on = 0");
const moved = await logOf("UPDATE job SET done_on = 1 WHERE done_on = 0");
console.log(`UPDATE in place: ${inPlace} bytes of write-ahead log`);
console.log(`UPDATE to another partition: ${moved} bytes`);
await db.close();
process.exit(inPlace < rows * bytes * 0.01 && moved > rows * bytes ? 0 : 1);
JS
timeout 120 node run.mjs
