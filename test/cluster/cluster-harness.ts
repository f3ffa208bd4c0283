import { afterAll, beforeAll, onTestFinished } from "vitest";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../harness/databases/postgres.ts";
import { type ServerOverrides, startServer, type TestServer } from "../harness/server.ts";

/**
 * Starts so many servers on a schema of their own; they are stopped at the end of the test. They have all heard each other, unless the settings
 * name an address where they are to look for each other.
 *
 * @param overrides for all of them, or for each by its place
 */
export type StartCluster = (
  count: number,
  overrides?: ServerOverrides | ((each: number) => ServerOverrides),
) => Promise<TestServer[]>;

/** Starts one PostgreSQL for a file of tests. */
export function clustersForTests(): StartCluster {
  let database: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    if (!isPostgresMissing) database = await startPostgres();
  });
  afterAll(() => database?.stop());
  return async (count, overrides = {}) => {
    const storeUrl = `${database.url}?schema=cluster_${++schemas}`;
    const servers: TestServer[] = [];
    onTestFinished(async () => {
      for (const server of servers.toReversed()) await server.stop();
    });
    for (let each = 0; each < count; each++) {
      const own = typeof overrides === "function" ? overrides(each) : overrides;
      servers.push(await startServer({ ...own, config: { ...own.config, storeUrl } }));
    }
    const isCut = servers.some(({ config }) => config.advertise !== null);
    if (!isCut) await Promise.all(servers.map((server) => server.logged("another server is heard", count - 1)));
    return servers;
  };
}
