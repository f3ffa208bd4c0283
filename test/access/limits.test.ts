import { once } from "node:events";
import type { ClientHttp2Session } from "node:http2";
import { expect, it, onTestFinished } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { createChannel } from "../../src/grpc/client/channel.ts";
import { createClient } from "../../src/grpc/client/client.ts";
import { fromNow } from "../harness/calls/events.ts";
import { present } from "../harness/calls/tasks.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { frame, openHttp2, rawCall } from "../rpc/rpc-harness.ts";
import { as, type SecuredServer, startSecured } from "./secured-server.ts";

const viewer = { role: Role.VIEWER, queues: ["*"], eventTypes: ["*"] };

/** Opens a watch of tasks, and resolves when it has begun. */
async function watch({ server }: SecuredServer, token: string) {
  const calls = new AbortController();
  const options = { ...as(token), signal: calls.signal };
  const messages = server.queue.watchTasks({ filter: { queue: "mail" } }, options)[Symbol.asyncIterator]();
  await messages.next();
  return { messages, leave: () => calls.abort() };
}

/** Calls over a connection of its own. */
function connect({ server }: SecuredServer) {
  const channel = createChannel(server.address);
  onTestFinished(() => channel.close());
  return { channel, access: createClient(AccessService, channel), health: createClient(Health, channel) };
}

/** The outcome of a call over bare HTTP/2. */
function getIdentity(session: ClientHttp2Session, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const { stream, status } = rawCall(session, "/sitq.v1.AccessService/GetIdentity", headers);
  stream.end(frame(new Uint8Array()));
  return status;
}

it("bounds the connections of a principal, by all its tokens; those of others go on and begin", async () => {
  await using secured = await startSecured(undefined, { maxConnectionsPerPrincipal: 2 });
  const { server, access, admin } = secured;
  const greedy = await secured.tokenOf("greedy", viewer);
  const { secret: second } = await access.createToken({ principal: "greedy" }, admin);
  const other = await secured.tokenOf("other", viewer);
  const [first, last, further, beside] = [connect(secured), connect(secured), connect(secured), connect(secured)];
  await first.access.getIdentity({}, as(greedy));
  await last.access.getIdentity({}, as(second));
  // Again over the same one, and without credentials over another.
  await first.access.getIdentity({}, as(second));
  await further.health.check({});
  const refused = {
    code: "RESOURCE_EXHAUSTED",
    reason: "TOO_MANY_CONNECTIONS",
    metadata: { max_connections: "2" },
    retryAfterMs: 1_000,
  };
  for (let n = 0; n < 3; n++) {
    expect(await refusalOf(further.access.getIdentity({}, as(greedy)))).toMatchObject(refused);
    expect((await beside.access.getIdentity({}, as(other))).principal).toBe("other");
    await first.access.getIdentity({}, as(greedy));
  }
  await server.logged("refusing calls: a principal is at max-connections-per-principal");
  const lines = server.log.filter(({ level }) => level === "warn");
  expect(lines).toMatchObject([{ facts: { connections: 2, principal: "greedy" } }]);

  // A place is free again when a connection ends.
  last.channel.close();
  const isAdmitted = () =>
    further.access.getIdentity({}, as(greedy)).then(
      () => true,
      () => false,
    );
  while (!(await isAdmitted()));
});

it("closes a connection that is too many, but not one that serves another principal", async () => {
  await using secured = await startSecured(undefined, { maxConnectionsPerPrincipal: 1 });
  const greedy = await secured.tokenOf("greedy", viewer);
  const other = await secured.tokenOf("other", viewer);
  const holder = connect(secured);
  await holder.access.getIdentity({}, as(greedy));

  const session = openHttp2(secured.server.address);
  expect((await getIdentity(session, other)).codeName).toBe("OK");
  expect(await getIdentity(session, greedy)).toMatchObject({ reason: "TOO_MANY_CONNECTIONS" });
  expect((await getIdentity(session, other)).codeName).toBe("OK");
  expect(session.closed).toBe(false);

  const alone = openHttp2(secured.server.address);
  const closed = once(alone, "close");
  expect(await getIdentity(alone, greedy)).toMatchObject({ reason: "TOO_MANY_CONNECTIONS" });
  await closed;
});

it("bounds the watches of a principal, of every sort and by all its tokens; those of others go on and begin", async () => {
  await using secured = await startSecured(undefined, { maxWatchersPerPrincipal: 2 });
  const { server, access, admin } = secured;
  const greedy = await secured.tokenOf("greedy", viewer);
  const { secret: second } = await access.createToken({ principal: "greedy" }, admin);
  const other = await secured.tokenOf("other", viewer);
  const beside = await watch(secured, other);
  const [first] = [await watch(secured, greedy), await watch(secured, second)];
  const refused = {
    code: "RESOURCE_EXHAUSTED",
    reason: "TOO_MANY_WATCHERS",
    metadata: { of: "principal", max_watchers: "2" },
    retryAfterMs: 1_000,
  };
  expect(await refusalOf(watch(secured, greedy))).toMatchObject(refused);
  const events = server.event.subscribe({ start: { start: fromNow } }, as(second))[Symbol.asyncIterator]();
  expect(await refusalOf(events.next())).toMatchObject(refused);
  // What is no watch is not refused.
  await server.queue.listTasks({}, as(greedy));

  await watch(secured, other);
  const { task } = await server.queue.enqueue({ task: { queue: "mail", type: "send" } }, admin);
  const { value } = await beside.messages.next();
  expect(value.changes).toMatchObject([{ taskId: present(task).id }]);

  // A place is free again when a watch ends.
  first?.leave();
  const again = () =>
    watch(secured, greedy).then(
      () => true,
      () => false,
    );
  while (!(await again()));
});

it("slows invalid credentials of an address down, then refuses them; valid ones and other addresses notice nothing", async () => {
  const clock = createFakeClock();
  await using secured = await startSecured(clock, { maxFailedSignIns: 6 });
  const { server, access, admin } = secured;
  const token = await secured.tokenOf("mail", viewer);
  const { secret: revoked, token: entry } = await access.createToken({ principal: "mail" }, admin);
  await access.revokeToken({ tokenId: present(entry).tokenId }, admin);
  const guess = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
  const [attacker, other] = [openHttp2(server.address, "127.0.0.2"), openHttp2(server.address, "127.0.0.3")];
  const beside = async () => {
    expect((await getIdentity(attacker, token)).codeName).toBe("OK");
    expect((await getIdentity(other, token)).codeName).toBe("OK");
    expect(await getIdentity(attacker, revoked)).toMatchObject({ reason: "CREDENTIALS_REVOKED" });
  };
  const invalid = { codeName: "UNAUTHENTICATED", reason: "INVALID_CREDENTIALS", retryAfterMs: null };
  for (let n = 0; n < 3; n++) expect(await getIdentity(attacker, guess)).toMatchObject(invalid);
  await beside();

  const slow = [1, 2, 3].map(() => getIdentity(attacker, guess));
  // They are before these on the same connection.
  await beside();
  expect(await getIdentity(other, guess)).toMatchObject(invalid);
  clock.advance(1_000);
  for (const each of await Promise.all(slow)) expect(each).toMatchObject(invalid);

  const refused = { codeName: "RESOURCE_EXHAUSTED", reason: "TOO_MANY_FAILED_SIGN_INS", retryAfterMs: 60_000 };
  for (let n = 0; n < 5; n++) expect(await getIdentity(attacker, guess)).toMatchObject(refused);
  await beside();
  expect(await getIdentity(other, guess)).toMatchObject(invalid);

  await server.logged("refusing invalid credentials");
  expect(server.log.filter(({ level }) => level === "warn")).toMatchObject([
    { facts: { failed_sign_ins: 6, address: "127.0.0.2" } },
  ]);
  clock.advance(60_000);
  expect(await getIdentity(attacker, guess)).toMatchObject(invalid);
  // Refusals of a minute are one entry behind the first. A change is answered when they are stored.
  await access.createToken({ principal: "mail" }, admin);
  const { auditEntries } = await access.listAuditEntries({ refusedOnly: true }, admin);
  const ofAttacker = auditEntries.filter(({ peer, reason }) => peer === "127.0.0.2" && reason.startsWith("TOO_MANY"));
  expect(ofAttacker.map(({ code, count }) => [code, count])).toEqual([
    ["RESOURCE_EXHAUSTED", 4n],
    ["RESOURCE_EXHAUSTED", 1n],
  ]);
});
