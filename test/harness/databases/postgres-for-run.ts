import { startPostgres } from "./postgres.ts";
import { dropStoresOfTests } from "./store-of-tests.ts";

/** Before all tests of `npm run test:postgres`: starts PostgreSQL, unless `SITQ_TEST_STORE` says where one is. Answers what ends it. */
export async function setup(): Promise<() => Promise<void>> {
  const given = process.env.SITQ_TEST_STORE;
  if (given !== undefined) return () => dropStoresOfTests(given);
  const server = await startPostgres();
  process.env.SITQ_TEST_STORE = server.url;
  return () => server.stop();
}
