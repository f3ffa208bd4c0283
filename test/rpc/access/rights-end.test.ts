import { expect, test } from "vitest";
import type { Principal } from "../../../src/domain/access/principal.ts";
import { credentialsRevoked } from "../../../src/domain/refusals/access.ts";
import type { Authenticator } from "../../../src/rpc/calls/authorize.ts";
import { as, type GrantInit, trustingAuthenticator } from "../../harness/calls/principals.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { type Refusal, refusalIn, refusalOf } from "../../harness/refusal.ts";
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
  throw credentialsRevoked();
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
