import { setting } from "./setting.ts";
import { choice, databaseUrl, file, onOff, optional, reachableAddress, size } from "./setting-kinds.ts";

const mib = 1_048_576;

/** The settings of where and how the data are stored. */
export const storeSettings = {
  dbPath: setting("db", file(), "./sitq.db", "The database file; created if missing."),
  storeUrl: setting(
    "store",
    optional(databaseUrl()),
    null,
    "A database of PostgreSQL 14 or newer that holds the data in place of the file.",
  ),
  advertise: setting(
    "advertise",
    optional(reachableAddress()),
    null,
    "The address by which the other servers of the same --store reach this one. Default: that of --listen.",
  ),
  synchronous: setting(
    "synchronous",
    choice(["full", "normal"]),
    "full",
    "What a commit waits for: full: the disk (fsync); normal: the operating system, so a power cut loses acknowledged commits.",
  ),
  diskReserveBytes: setting(
    "disk-reserve",
    size(0, 1_024 * mib),
    32 * mib,
    "Disk space reserved for outcomes once new work is refused: a file beside the database, at most a quarter of the file system.",
  ),
  acceptMissingWal: setting(
    "accept-missing-wal",
    onOff(),
    false,
    "Opens a database that was not closed cleanly without its WAL (FILE-wal), and loses the commits in it.",
  ),
} as const;
