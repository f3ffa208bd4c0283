/**
 * The shop of the microservices example on three servers that share a PostgreSQL. While orders run, the server that leads is killed with
 * SIGKILL, and later the database crashes and is started again. Every order still completes, each of its steps once. What is printed as
 * it goes was measured in this run.
 *
 * `npm run example:cluster`, or with more orders: `npm run example:cluster -- --orders 1000`. It needs the programs of PostgreSQL 14 or
 * newer, and starts a database of its own; `--postgres FOLDER` says where the programs are.
 */

import { parseArgs } from "node:util";
import { findPostgres } from "./postgres.ts";
import { runCluster } from "./run-cluster.ts";

const { values } = parseArgs({ options: { orders: { type: "string", default: "200" }, postgres: { type: "string" } } });
const programs = findPostgres(values.postgres);

if (programs === null) {
  console.error("This example needs the programs of PostgreSQL 14 or newer (initdb, postgres), and found none.");
  console.error(
    "On Debian and Ubuntu: apt-get install postgresql. Elsewhere: install it, and name the folder of its programs: npm run example:cluster -- --postgres FOLDER",
  );
  process.exitCode = 1;
} else {
  process.exitCode = await runCluster(programs, Number(values.orders));
}
