import { afterAll, beforeAll } from "vitest";
import { type ServerOverrides, startServer, type TestServer } from "./server.ts";

let queues = 0;

/** The name of a queue that no other test uses. */
export function freshQueue(): string {
  return `queue-${++queues}`;
}

/**
 * One server for all tests of a file, or of a `describe`, that neither turn its clock nor restart it: a start costs more than
 * most of them. Each works in queues of its own. Answers a function, since the server is not there before the first test.
 */
export function shareServer(overrides?: ServerOverrides): () => TestServer {
  let server: TestServer | null = null;
  beforeAll(async () => {
    server = await startServer(overrides);
  });
  afterAll(() => server?.stop());
  return () => {
    if (server === null) throw new Error("The server is there once the tests run");
    return server;
  };
}
