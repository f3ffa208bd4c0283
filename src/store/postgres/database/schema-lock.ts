import { StoreRefused } from "../../store-refused.ts";
import type { Session } from "./session.ts";
import { isLockTimeout } from "./sql-state.ts";

/** The first of the two numbers of the advisory lock; the second stands for the schema. */
const lockClass = 0x5173;
/** More than a session needs to notice that its server is gone (`client_connection_check_interval`), in milliseconds. */
const defaultPatienceMs = 5_000;

/** How a schema is used: by servers together, or by one that moves a file into it, alone. */
export type SchemaUse = "serve" | "transfer";

const lockFunctions = { serve: "pg_advisory_lock_shared", transfer: "pg_advisory_lock" } as const;

/**
 * Keeps those from a schema that would use it otherwise, as long as the session lives: an advisory lock of the session. One that was killed a
 * moment ago may have a session left, which ends when the database has noticed.
 *
 * @param patienceMs how long it waits for that
 * @throws StoreRefused if the schema is in use
 */
export async function lockSchema(
  session: Session,
  schema: string,
  use: SchemaUse,
  patienceMs = defaultPatienceMs,
): Promise<void> {
  await session.script(`SET lock_timeout TO ${patienceMs}`);
  try {
    await session.get(`SELECT ${lockFunctions[use]}($1, hashtext($2))`, [lockClass, schema]);
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    throw await inUse(session, schema, use);
  } finally {
    await session.script("SET lock_timeout TO DEFAULT");
  }
}

/** What to say where the schema is used otherwise. */
async function inUse(session: Session, schema: string, use: SchemaUse): Promise<StoreRefused> {
  const holder = await session.get<{ pid: number; address: string | null; since: string }>(
    `SELECT pid, host(client_addr) AS address, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
     FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND classid = $1 AND objid = (hashtext($2)::bigint & 4294967295)::oid AND granted`,
    [lockClass, schema],
  );
  const who =
    holder === undefined
      ? ""
      : ` (session ${holder.pid} from ${holder.address ?? "this machine"}, since ${holder.since})`;
  const advice = "or name another schema: add ?schema=NAME to the URL.";
  return new StoreRefused(
    use === "serve"
      ? `A file is being moved into the schema ${schema}${who}. Wait until sitq migrate is done, ${advice}`
      : `A server uses the schema ${schema}${who}. Stop it, ${advice}`,
  );
}

/**
 * Refuses a pooler that hands the connection to another session after each transaction: locks of sessions and prepared statements
 * would be anybody's. A lock that one session holds must be refused to another one.
 *
 * @throws StoreRefused if two connections share a session
 */
export async function refusePooler(first: Session, second: Session): Promise<void> {
  // Not prepared: prepared statements may be what such a pooler does not know.
  const probe = `SELECT pg_try_advisory_lock(${lockClass}, ${process.pid}) AS got`;
  const free = "SELECT pg_advisory_unlock_all()";
  await first.script(probe);
  const [row] = await second.script(probe);
  await first.script(free);
  await second.script(free);
  if (row?.got !== true) return;
  throw new StoreRefused(
    "The address of --store is a pooler that pools transactions, such as PgBouncer with pool_mode = transaction. sitq needs sessions of its own: " +
      "give it the address of the database, or pool_mode = session. It opens two connections.",
  );
}
