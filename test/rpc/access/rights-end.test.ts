import { expect, test } from "vitest";
import type { Principal } from "../../../src/domain/access/principal.ts";
import { credentialsRevoked } from "../../../src/domain/refusals/access.ts";
import type { CallOptions } from "../../../src/grpc/client/client.ts";
import type { Authenticator } from "../../../src/rpc/calls/authorize.ts";
import { fromNow } from "../../harness/calls/events.ts";
import { as, type GrantInit, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { type Refusal, refusalIn, refusalInStatus, refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

const worker: GrantInit = { role: "worker", queue: ["mail"] };
const viewer: GrantInit = { role: "viewer", queue: ["mail"] };

/** Principals whose rights a test changes. */
function changeable(expireMs: number | null = null) {
  const listeners: (() => void)[] = [];
  let refreshed = (principal: Principal): Principal => principal;
  const authenticator: Authenticator = {
    principalOf(call) {
      const principal = trustingAuthenticator.principalOf(call) as Principal;
      return { ...principal, credential: { ...principal.credential, expireMs } };
    },
    changes: { refreshed: (principal) => refreshed(principal), onChange: (listener) => listeners.push(listener) },
  };
  return {
    authenticator,
    change(to: typeof refreshed): void {
      refreshed = to;
      for (const listener of listeners) listener();
    },
  };
}

const revoked = () => {
  throw credentialsRevoked("0123456789ab", 0);
};

const root = as("root", { role: "admin" });

/** Opens a call that waits for a task, and answers its refusal to come. */
async function openWait(server: TestServer): Promise<{ readonly refusal: Promise<Refusal> }> {
  const { task } = await server.queue.enqueue({ task: { queue: "mail", type: "t" } }, root);
  const taskId = task?.id ?? "";
  const refusal = refusalOf(server.queue.awaitTask({ taskId }, as("eyes", viewer)));
  // Calls of one connection begin in their order, and this one is answered by the store behind the other's look-up.
  await server.queue.getTask({ taskId }, root);
  return { refusal };
}

const grantsOf = (grant: GrantInit): Principal["grants"] => [
  { payloads: false, queue: [], event_type: [], service: [], ...grant },
];

test.each([
  ["a revoked credential", revoked, "CREDENTIALS_REVOKED"],
  ["another role", (was: Principal) => ({ ...was, grants: grantsOf(worker) }), "ROLE_REQUIRED"],
  ["a narrower scope", (was: Principal) => ({ ...was, grants: grantsOf({ ...viewer, queue: ["x"] }) }), "OUT_OF_SCOPE"],
])("%s ends a call that waits", async (_, change, reason) => {
  const principals = changeable();
  await using server = await startServer({ authenticator: principals.authenticator });
  const { refusal } = await openWait(server);
  principals.change((principal) => (principal.name === "root" ? principal : change(principal)));
  expect(await refusal).toMatchObject({ reason });
});

test("a call goes on with a changed grant that still allows it", async () => {
  const principals = changeable();
  await using server = await startServer({ authenticator: principals.authenticator });
  const { refusal } = await openWait(server);
  principals.change((was) =>
    was.name === "root" ? was : { ...was, grants: grantsOf({ ...viewer, queue: ["mail", "x"] }) },
  );
  principals.change((was) => (was.name === "root" ? was : revoked()));
  expect(await refusal).toMatchObject({ reason: "CREDENTIALS_REVOKED" });
});

test.each([
  ["WatchTasks", (server: TestServer, who: CallOptions) => server.queue.watchTasks({}, who)],
  ["Subscribe", (server: TestServer, who: CallOptions) => server.event.subscribe({ start: { start: fromNow } }, who)],
  ["WatchInstances", (server: TestServer, who: CallOptions) => server.registry.watchInstances({}, who)],
])("a narrower scope ends %s that names nothing, and a wider one does not", async (_, open) => {
  const both = { role: "viewer", queue: ["mail", "x"], event_type: ["mail", "x"], service: ["mail", "x"] } as const;
  const few = { ...both, queue: ["mail"], event_type: ["mail"], service: ["mail"] } as const;
  const principals = changeable();
  await using server = await startServer({ authenticator: principals.authenticator });
  const ended = refusalOf(untilEnd(open(server, as("eyes", { ...both, payloads: true }))));
  // Calls of one connection begin in their order.
  await server.queue.listQueues({}, root);
  const becomes = (grant: GrantInit) => (was: Principal) =>
    was.name === "root" ? was : { ...was, grants: grantsOf({ payloads: true, ...grant }) };
  principals.change(becomes({ ...both, queue: ["mail", "x", "y"] }));
  principals.change(becomes(few));
  expect(await ended).toMatchObject({ code: "PERMISSION_DENIED", reason: "OUT_OF_SCOPE", field: null });
});

async function untilEnd(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

test("a stream of enqueues takes each request by the scope of its moment", async () => {
  const principals = changeable();
  await using server = await startServer({ authenticator: principals.authenticator });
  const stream = server.queue.enqueueStream(as("shop", { role: "producer", queue: ["mail", "x"] }));
  const answers = stream.responses[Symbol.asyncIterator]();
  async function enqueue(): Promise<string> {
    stream.send({ requests: [{ task: { queue: "x", type: "t" } }] });
    const [result] = (await answers.next()).value?.results ?? [];
    return result?.error === undefined ? "stored" : (refusalInStatus(result.error).reason ?? "");
  }
  expect(await enqueue()).toBe("stored");
  principals.change((was) => ({ ...was, grants: grantsOf({ role: "producer", queue: ["mail"] }) }));
  expect(await enqueue()).toBe("OUT_OF_SCOPE");
  stream.end();
  await answers.next();
});

test("an expired credential ends a call that waits", async () => {
  const clock = createFakeClock();
  const principals = changeable(clock.now() + 5_000);
  await using server = await startServer({ authenticator: principals.authenticator, clock });
  const { refusal } = await openWait(server);
  clock.advance(6_000);
  expect(await refusal).toMatchObject({ code: "UNAUTHENTICATED", reason: "CREDENTIALS_EXPIRED" });
});

test("a worker's tasks are offered again as soon as its rights end", async () => {
  const principals = changeable();
  await using server = await startServer({ authenticator: principals.authenticator });
  const connectAs = (name: string) =>
    connectWorker(
      { worker: { ...server.worker, work: () => server.worker.work(as(name, worker)) } },
      { queues: ["mail"], capacity: 1 },
    );
  const first = await connectAs("first");
  await server.queue.enqueue({ task: { queue: "mail", type: "t" } }, root);
  const [task] = await first.take(1);
  const second = await connectAs("second");
  principals.change((was) => (was.name === "first" ? revoked() : was));
  expect(refusalIn(await first.ended)).toMatchObject({ code: "UNAUTHENTICATED", reason: "CREDENTIALS_REVOKED" });
  expect(await second.take(1)).toMatchObject([{ id: task?.id }]);
});
