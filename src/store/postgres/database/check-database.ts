import { StoreRefused } from "../../store-refused.ts";
import type { Session } from "./session.ts";
import { isConnectionLost, sqlStateOf } from "./sql-state.ts";

/** The oldest version that is served. */
const oldestVersion = 14;

/**
 * Looks whether a database can be used.
 *
 * @throws StoreRefused with what to do: too old a version, a replica that only reads, an encoding other than UTF-8
 */
export async function checkDatabase(session: Session, url: string): Promise<{ readonly version: string }> {
  const facts = await session.get<{ version: string; number: number; is_replica: boolean; encoding: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
       pg_is_in_recovery() AS is_replica, current_setting('server_encoding') AS encoding`,
  );
  if (facts === undefined) throw new Error("the database answers nothing");
  const { version, number, is_replica: isReplica, encoding } = facts;
  if (number < oldestVersion * 10_000) {
    throw new StoreRefused(
      `${nameOf(url)} is PostgreSQL ${version}; sitq needs ${oldestVersion} or newer. Upgrade the database.`,
    );
  }
  if (isReplica) {
    throw new StoreRefused(`${nameOf(url)} is a replica that only reads. Give --store the address of the primary.`);
  }
  if (encoding !== "UTF8") {
    throw new StoreRefused(
      `The database of ${nameOf(url)} has the encoding ${encoding}; sitq needs UTF8. Create one with: CREATE DATABASE sitq ENCODING 'UTF8' TEMPLATE template0.`,
    );
  }
  return { version: version.split(" ")[0] ?? version };
}

/** What to say to the person who starts the server; an error that is not the database's stays as it is. */
export function refusalOf(error: unknown, url: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreRefused) return error;
  const name = nameOf(url);
  switch (sqlStateOf(error)) {
    case "28P01":
    case "28000":
      return refused(`${name} refuses the user or the password: ${error.message}. ${credentialsHint}`, error);
    case "3D000":
      return refused(
        `${name}: ${error.message}. Create the database with: createdb -E UTF8 -T template0 ${databaseNameOf(url)}.`,
        error,
      );
    case "42501":
      return refused(
        `${name} lacks a right: ${error.message}. Let the user create a schema: GRANT CREATE ON DATABASE ${databaseNameOf(url)} TO USER.`,
        error,
      );
    case "":
      // A certificate that is not trusted has a code; that there is no TLS, or no password, has none.
      return isConnectionLost(error) || "code" in error || /SSL|SASL/.test(error.message)
        ? refused(`${name} cannot be reached: ${whyUnreached(error)}. ${unreachedHint(error)}`, error)
        : error;
    default:
      return isConnectionLost(error) ? refused(`${name} takes no sessions now: ${error.message}.`, error) : error;
  }
}

const credentialsHint = "Give them in the URL, or the password by PGPASSWORD or ~/.pgpass.";

/** Of a name with several addresses Node.js says nothing but the failure of each. */
function whyUnreached(error: Error): string {
  if (error.message !== "" || !(error instanceof AggregateError)) return error.message;
  return error.errors.map((each: Error) => each.message).join(", ");
}

/** What to do next about a database that no session can be opened on. */
function unreachedHint(error: Error): string {
  const code = "code" in error ? String(error.code) : "";
  if (/not support SSL/.test(error.message)) {
    return "Turn on TLS there (ssl = on); or leave sslmode out of the URL, where the database is on the same machine.";
  }
  if (/SASL/.test(error.message)) return credentialsHint;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return "Write the host in the URL as its certificate names it.";
  if (/SELF_SIGNED|ISSUER|LEAF_SIGNATURE/.test(code)) {
    return "Name the authority of its certificate in the URL: sslrootcert=FILE.";
  }
  return "Look whether it runs, and at the host and the port in the URL.";
}

function refused(text: string, cause: Error): StoreRefused {
  return Object.assign(new StoreRefused(text), { cause });
}

/** The name of a database in messages: without the user and the password. */
export function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return `The database ${host}${pathname}`;
}

/** The name of a database as a command takes it. */
function databaseNameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1)) || "NAME";
}
