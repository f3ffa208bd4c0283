import { join, resolve } from "node:path";
import type { Peer } from "../peer.ts";
import { postgres } from "./postgres.ts";

const path = resolve(import.meta.dirname, "../../../.tools/bench/river");

/** River on PostgreSQL. */
export const river: Peer = {
  ...postgres,
  name: "river",
  title: "River",
  clientPackage: "github.com/riverqueue/river",
  howToGet: `${postgres.howToGet}, and Go`,
  note:
    "Its producer and worker are programs in Go. Batches are stored by InsertManyFast, which is COPY; a worker fetches every 2 ms " +
    "(FetchCooldown, its default is 100) and completes in batches, as it always does.",
  program: {
    name: "River",
    toolchain: ["go", "version"],
    build: ["go", "build", "-C", join(import.meta.dirname, "../clients/river"), "-o", path, "."],
    path,
  },
  connect: () => Promise.reject(new Error("River has a program of its own")),
};
