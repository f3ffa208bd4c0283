import { create, type DescMethod, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { AccessService } from "../../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../../gen/sitq/v1/event_service_pb.js";
import { QueueService } from "../../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import { AuditLog } from "../../../src/access/audit-log.ts";
import type { AuditEntry } from "../../../src/domain/access/audit-entry.ts";
import { type Role, wholeGrant } from "../../../src/domain/access/grant.ts";
import type { Principal } from "../../../src/domain/access/principal.ts";
import { SitqError } from "../../../src/domain/errors.ts";
import { silentLog } from "../../../src/domain/log.ts";
import { credentialsRevoked, outOfScope } from "../../../src/domain/refusals/access.ts";
import type { CallContext } from "../../../src/grpc/handlers.ts";
import { auditOf } from "../../../src/rpc/calls/audit-calls.ts";
import { callResource } from "../../../src/rpc/calls/call-resource.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { createTestRetries } from "../../harness/retries.ts";

const { purgeQueue, cancelTask, enqueue, updateQueue, enqueueBatch } = QueueService.method;

function principal(...roles: readonly Role[]): Principal {
  const grants = roles.map((role) => ({ ...wholeGrant, role }));
  return { name: "alice", grants, credential: { kind: "certificate", id: "spiffe://a/b", expireMs: null } };
}

/** The audit of a method, and what it writes. */
function audited(method: DescMethod, allowed: readonly Role[]) {
  const entries: AuditEntry[] = [];
  const clock = createFakeClock();
  const auditLog = new AuditLog({
    store: {
      appendAudit: async (batch) => void entries.push(...batch),
      listAudit: async () => ({ entries: [], nextCursor: null }),
    },
    clock,
    retries: createTestRetries(clock),
    log: silentLog,
  });
  const audit = auditOf(method, allowed, auditLog);
  const end = new AbortController();
  const facts = {
    peer: "10.0.0.1:4000",
    metadata: new Metadata(),
    peerCertificate: () => null,
    connection: () => null,
  };
  const context: CallContext = { ...facts, signal: end.signal };

  return {
    entries,
    context,
    end,
    audit,
    auditLog,
    async call<M extends DescMethod>(
      { input }: M,
      request: MessageInitShape<M["input"]>,
      caller: Principal,
      handle: () => Promise<unknown> = async () => ({}),
    ): Promise<unknown> {
      const answer = audit.wrap(handle)(caller, create(input, request), context, []);
      const outcome = await answer.catch((error: unknown) => error);
      // What is beside the answer.
      await new Promise((resolve) => setImmediate(resolve));
      return outcome;
    },
  };
}

it.each([
  ["operator", principal("operator"), 1],
  ["admin", principal("admin"), 1],
  ["worker and operator", principal("worker", "operator"), 1],
  ["producer", principal("producer"), 0],
])("writes a changing call of an operator or admin, and counts others: %s", async (_, caller, n) => {
  const { call, entries } = audited(cancelTask, ["producer", "operator"]);
  await call(cancelTask, { taskId: "0f3k9q2m7xa" }, caller);
  expect(entries).toMatchObject(
    Array(n).fill({
      principal: "alice",
      credential: "certificate spiffe://a/b",
      peer: "10.0.0.1:4000",
      method: "/sitq.v1.QueueService/CancelTask",
      resource: "task 0f3k9q2m7xa",
      code: "OK",
      reason: "",
    }),
  );
});

it.each([
  ["enqueue", "admin", 1],
  ["enqueue", "operator", 0],
  ["claimTasks", "admin", 1],
  ["getTask", "admin", 0],
  ["awaitTask", "admin", 0],
] as const)(
  "writes what changes something, by the right of an admin and not of a producer or worker: %s by %s",
  async (name, role, n) => {
    const method = { ...QueueService.method, ...WorkerService.method }[name];
    const { call, entries } = audited(method, name === "claimTasks" ? ["worker"] : ["producer"]);
    await call(method as DescMethod, {}, principal(role, "producer", "worker"));
    expect(entries).toHaveLength(n);
  },
);

it.each([
  ["a refusal", () => new SitqError("QUEUE_NOT_FOUND", "There is no queue mail."), "NOT_FOUND", "QUEUE_NOT_FOUND"],
  ["a bug", () => new Error("a secret path"), "INTERNAL", ""],
])("writes the outcome of a changing call, without its text: %s", async (_, error, code, reason) => {
  const { call, entries } = audited(purgeQueue, ["operator"]);
  const thrown = error();
  expect(await call(purgeQueue, { name: "mail" }, principal("operator"), () => Promise.reject(thrown))).toBe(thrown);
  expect(entries).toMatchObject([{ code, reason, resource: "queue mail", count: 1 }]);
  expect(JSON.stringify(entries)).not.toContain(thrown.message);
});

it("writes that a changing call was cancelled", async () => {
  const { call, entries, end } = audited(purgeQueue, ["operator"]);
  await call(purgeQueue, { name: "mail" }, principal("operator"), async () => {
    end.abort();
    throw new Error("aborted");
  });
  expect(entries).toMatchObject([{ code: "CANCELLED", reason: "" }]);
});

it.each([
  ["of what only reads", enqueue, { task: { queue: "mail" } }, principal("producer")],
  ["of a changing call, once", updateQueue, { queue: { name: "mail" } }, principal("operator")],
] as const)("writes a refusal for rights %s", async (_, method, request, caller) => {
  const { call, entries } = audited(method, ["producer", "operator"]);
  await call(method as DescMethod, request, caller, () => Promise.reject(outOfScope("queue", "mail", "task.queue")));
  expect(entries).toMatchObject([
    { principal: "alice", peer: "10.0.0.1", code: "PERMISSION_DENIED", reason: "OUT_OF_SCOPE", resource: "queue mail" },
  ]);
});

it("writes other refusals of calls that only read nowhere", async () => {
  const { call, entries } = audited(enqueue, ["producer"]);
  const full = new SitqError("QUEUE_FULL", "The queue is full.");
  await call(enqueue, { task: { queue: "mail" } }, principal("producer"), () => Promise.reject(full));
  expect(entries).toEqual([]);
});

it("writes who is not signed in, without what the caller says the call is about", async () => {
  const { audit, auditLog, entries, context } = audited(purgeQueue, ["operator"]);
  audit.notSignedIn(credentialsRevoked("0123456789ab", 0), context);
  audit.notSignedIn(new Error("a bug"), context);
  await auditLog.stop();
  expect(entries).toMatchObject([
    { principal: "", credential: "", resource: "", code: "UNAUTHENTICATED", reason: "CREDENTIALS_REVOKED" },
  ]);
  expect(entries).toHaveLength(1);
});

it("costs nothing where there is no audit log", () => {
  const run = async () => undefined;
  expect(auditOf(purgeQueue, ["operator"], null).wrap(run)).toBe(run);
});

it("names the token that was made, and never its secret", async () => {
  const { createToken } = AccessService.method;
  const { call, entries } = audited(createToken, ["admin"]);
  await call(createToken, { principal: "bob" }, principal("admin"), async () =>
    create(createToken.output, { token: { tokenId: "4f9a" }, secret: "sitq_4f9a_canary" }),
  );
  expect(entries).toMatchObject([{ resource: "principal bob, token 4f9a" }]);
  expect(JSON.stringify(entries)).not.toContain("canary");
});

it.each([
  [updateQueue, create(updateQueue.input, { queue: { name: "mail" } }), "queue mail"],
  [enqueue, create(enqueue.input, {}), ""],
  [
    enqueueBatch,
    create(enqueueBatch.input, { requests: ["a", "b", "c", "d", "e"].map((queue) => ({ task: { queue } })) }),
    "queue a b c and 2 more",
  ],
  [purgeQueue, create(purgeQueue.input, { name: "a\nb" }), 'queue "a\\nb"'],
  [purgeQueue, create(purgeQueue.input, { name: "x".repeat(4_000) }), `queue "${"x".repeat(63)}…"`],
  [
    EventService.method.createSubscription,
    create(EventService.method.createSubscription.input, {
      subscription: { name: "s", queue: "mail", filter: { types: ["order.*", "user.made"] } },
    }),
    "queue mail, event type order.* user.made",
  ],
  [AdminService.method.backup, create(AdminService.method.backup.input), ""],
  [
    AccessService.method.updatePrincipal,
    create(AccessService.method.updatePrincipal.input, { principal: { name: "bob" } }),
    "principal bob",
  ],
  [
    WorkerService.method.work,
    create(WorkerService.method.work.input, {
      message: { case: "hello", value: { workerId: "w-1", queues: ["mail"] } },
    }),
    "queue mail, worker w-1",
  ],
] as [DescMethod, Message, string][])("says what a request is about: %s", (method, request, words) => {
  expect(callResource(method).ofRequest(request)).toBe(words);
});

it("has words for every method of the contract", () => {
  for (const service of [AccessService, AdminService, EventService, QueueService, WorkerService]) {
    for (const method of service.methods) expect(callResource(method).ofRequest(create(method.input))).toBe("");
  }
});
