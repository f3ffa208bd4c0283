import { connect } from "node:http2";
import { Metadata } from "@grpc/grpc-js";
import { expect, it, onTestFinished } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { createClient } from "../../src/grpc/client/client.ts";
import { present } from "../harness/calls/tasks.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { frame, rawCall } from "../rpc/rpc-harness.ts";
import { as, startSecured } from "./secured-server.ts";

const worker = { role: Role.WORKER, queues: ["mail.*"] };
const task = { queue: "mail.out", type: "send" };

it("asks every caller who it is, but for health", async () => {
  await using secured = await startSecured();
  const { server, access, admin } = secured;
  const required = { code: "UNAUTHENTICATED", reason: "CREDENTIALS_REQUIRED", domain: "sitq" };
  expect(await refusalOf(server.queue.enqueue({ task }))).toMatchObject(required);
  expect(await refusalOf(access.getIdentity({}))).toMatchObject(required);
  expect(await refusalOf(server.worker.work().responses[Symbol.asyncIterator]().next())).toMatchObject(required);
  expect((await server.health.check({ service: "" })).status).toBe(1);
  expect(await access.getIdentity({}, admin)).toMatchObject({ principal: "root", grants: [{ role: Role.ADMIN }] });
  await server.queue.enqueue({ task }, admin);
});

it("takes a token as it is, and nothing that is nearly one", async () => {
  await using secured = await startSecured();
  const { access } = secured;
  const token = await secured.tokenOf("mail", worker);
  expect(token).toMatch(/^sitq_[0-9a-z]{12}_[A-Za-z0-9_-]{43}$/);
  expect((await access.getIdentity({}, as(token))).credential).toBe(`token ${token.slice(5, 17)}`);
  const last = token.slice(-5, -4);
  const wrong = [
    token.slice(0, -1),
    `${token}A`,
    `${token.slice(0, -5)}${String.fromCharCode(last.charCodeAt(0) ^ 1)}${token.slice(-4)}`,
    token.toUpperCase(),
    token.replace(/^sitq_./, (start) => (start.endsWith("0") ? "sitq_1" : "sitq_0")),
    "sitq_",
    "x",
  ];
  const invalid = { code: "UNAUTHENTICATED", reason: "INVALID_CREDENTIALS" };
  for (const each of wrong) {
    const refusal = await refusalOf(access.getIdentity({}, as(each)));
    expect(refusal, each).toMatchObject(invalid);
    expect(refusal.message).not.toContain(each.slice(-20));
  }
  const values = [[`Basic ${token}`], [token], [""]];
  for (const each of values) {
    const metadata = new Metadata();
    for (const value of each) metadata.add("authorization", value);
    expect(await refusalOf(access.getIdentity({}, { metadata })), String(each.length)).toMatchObject(invalid);
  }
  const lower = new Metadata();
  lower.set("authorization", `bearer ${token}`);
  expect((await access.getIdentity({}, { metadata: lower })).principal).toBe("mail");
});

it("refuses a token that is revoked, has expired, or whose principal is gone", async () => {
  const clock = createFakeClock();
  await using secured = await startSecured(clock);
  const { access, admin } = secured;
  const kept = await secured.tokenOf("mail", worker);
  const { secret: short, token } = await access.createToken(
    { principal: "mail", timeToLive: { seconds: 60n, nanos: 0 } },
    admin,
  );
  await access.getIdentity({}, as(short));
  clock.advance(60_000);
  const reasonOf = async (secret: string) => (await refusalOf(access.getIdentity({}, as(secret)))).reason;
  expect(await reasonOf(short)).toBe("CREDENTIALS_EXPIRED");
  const { secret: revoked, token: other } = await access.createToken({ principal: "mail" }, admin);
  const tokenId = other?.tokenId ?? "";
  await access.revokeToken({ tokenId }, admin);
  expect(await reasonOf(revoked)).toBe("CREDENTIALS_REVOKED");
  await access.revokeToken({ tokenId }, admin);
  await secured.server.restart();
  expect(await reasonOf(revoked)).toBe("CREDENTIALS_REVOKED");
  const { tokens } = await access.listTokens({ principal: "mail" }, admin);
  expect(tokens.map(({ tokenId }) => tokenId).sort()).toEqual([kept.slice(5, 17), token?.tokenId, tokenId].sort());
  expect(JSON.stringify(tokens, (_, value) => (typeof value === "bigint" ? String(value) : value))).not.toContain(
    kept.slice(18),
  );
  expect(await access.deletePrincipal({ name: "mail" }, admin)).toMatchObject({ tokenCount: 3 });
  // A token that is gone is as unknown as one that never was.
  expect(await reasonOf(kept)).toBe("INVALID_CREDENTIALS");
});

it("creates, changes, lists and deletes principals", async () => {
  await using secured = await startSecured();
  const { access, admin } = secured;
  const principal = { name: "mail", grants: [worker], certificateUris: ["spiffe://sitq.test/mail"] };
  await access.createPrincipal({ principal }, admin);
  expect(await refusalOf(access.createPrincipal({ principal }, admin))).toMatchObject({
    code: "ALREADY_EXISTS",
    reason: "PRINCIPAL_EXISTS",
  });
  expect(await refusalOf(access.createPrincipal({ principal: { ...principal, name: "other" } }, admin))).toMatchObject({
    reason: "CERTIFICATE_IN_USE",
  });
  const grants = [{ role: Role.OPERATOR }, worker];
  const updated = await access.updatePrincipal(
    { principal: { name: "mail", grants }, updateMask: { paths: ["grants"] } },
    admin,
  );
  expect(updated.principal).toMatchObject({
    grants: [{ role: Role.OPERATOR, queues: ["*"], eventTypes: ["*"], services: ["*"] }, worker],
    certificateUris: ["spiffe://sitq.test/mail"],
  });
  expect(await refusalOf(access.createToken({ principal: "mail", grants: [worker] }, admin))).toMatchObject({
    reason: "PRINCIPAL_EXISTS",
    field: "grants",
  });
  const first = await access.listPrincipals({ pageSize: 1 }, admin);
  const second = await access.listPrincipals({ pageSize: 1, pageToken: first.nextPageToken }, admin);
  expect([...first.principals, ...second.principals].map(({ name }) => name)).toEqual(["mail", "root"]);
  expect(second.nextPageToken).toBe("");
});

it.each([
  [{ name: "", grants: [worker] }, "principal.name"],
  [{ name: "Mail", grants: [worker] }, "principal.name"],
  [{ name: "a/b", grants: [worker] }, "principal.name"],
  [{ name: "a", grants: [] }, "principal.grants"],
  [{ name: "a", grants: [{ role: Role.WORKER }] }, "principal.grants[0]"],
  [{ name: "a", grants: [{ queues: ["a"] }] }, "principal.grants[0].role"],
  [{ name: "a", grants: [worker, { role: Role.WORKER, queues: ["a", "*b"] }] }, "principal.grants[1].queues[1]"],
  [{ name: "a", grants: [{ ...worker, payloads: true }] }, "principal.grants[0].payloads"],
  [{ name: "a", grants: [{ role: Role.ADMIN, queues: ["mail.*"] }] }, "principal.grants[0]"],
  [{ name: "a", grants: [{ role: Role.ADMIN, services: ["*"] }] }, "principal.grants[0]"],
  [{ name: "a", grants: [worker], certificateUris: ["a b"] }, "principal.certificate_uris[0]"],
  [{ name: "a", grants: [worker], certificateUris: ["urn:ok:1", "spiffe//oops"] }, "principal.certificate_uris[1]"],
  [{ name: "a", grants: [worker], certificateUris: ["spiffe:/oops/mail"] }, "principal.certificate_uris[0]"],
  [{ name: "a", grants: [worker], certificateDnsNames: ["spiffe://x/mail"] }, "principal.certificate_dns_names[0]"],
])("refuses the principal %j", async (principal, field) => {
  await using secured = await startSecured();
  const refusal = await refusalOf(secured.access.createPrincipal({ principal }, secured.admin));
  expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
});

it("changes nothing of principals over the network while authentication is off", async () => {
  await using server = await startServer();
  const access = createClient(AccessService, server.channel);
  expect((await access.getIdentity({})).principal).toBe("");
  const off = { code: "FAILED_PRECONDITION", reason: "AUTHENTICATION_OFF" };
  expect(await refusalOf(access.createToken({ principal: "mail", grants: [worker] }))).toMatchObject(off);
  expect(await refusalOf(access.listTokens({}))).toMatchObject(off);
});

it("ends an open stream when its token is revoked or its principal deleted, for the reason that a new call gets", async () => {
  await using secured = await startSecured();
  const { server, access, admin } = secured;
  for (const [end, reason] of [
    ["revoke", "CREDENTIALS_REVOKED"],
    ["delete", "INVALID_CREDENTIALS"],
  ] as const) {
    const token = await secured.tokenOf(end, { role: Role.VIEWER, queues: ["mail.*"] });
    const watch = server.queue.watchTasks({ filter: { queue: "mail.out" } }, as(token));
    const messages = watch[Symbol.asyncIterator]();
    await messages.next();
    const ended = refusalOf(messages.next());
    if (end === "revoke") await access.revokeToken({ tokenId: token.slice(5, 17) }, admin);
    else await access.deletePrincipal({ name: end }, admin);
    expect(await ended).toMatchObject({ code: "UNAUTHENTICATED", reason });
    expect(await refusalOf(access.getIdentity({}, as(token)))).toMatchObject({ code: "UNAUTHENTICATED", reason });
  }
});

it("answers an admin that ends its own rights, and audits the change by its outcome", async () => {
  await using secured = await startSecured();
  const { access, admin } = secured;
  const { token, secret } = await access.createToken({ principal: "root" }, admin);
  const tokenId = present(token).tokenId;
  expect((await access.revokeToken({ tokenId }, as(secret))).token?.revokeTime).toBeDefined();
  expect(await refusalOf(access.getIdentity({}, as(secret)))).toMatchObject({ reason: "CREDENTIALS_REVOKED" });
  const leaver = await secured.tokenOf("leaver", { role: Role.ADMIN });
  const principal = { name: "leaver", grants: [{ role: Role.PRODUCER, queues: ["mail"] }] };
  await access.updatePrincipal({ principal }, as(leaver));
  expect(await refusalOf(access.listTokens({}, as(leaver)))).toMatchObject({ reason: "ROLE_REQUIRED" });
  const goner = await secured.tokenOf("goner", { role: Role.ADMIN });
  expect(await access.deletePrincipal({ name: "goner" }, as(goner))).toMatchObject({ tokenCount: 1 });
  const { auditEntries } = await access.listAuditEntries({}, admin);
  const changes = auditEntries.filter(
    ({ method }) => !method.endsWith("/CreateToken") && !method.endsWith("ListTokens"),
  );
  expect(changes.map(({ principal: by, resource, code }) => [by, resource, code])).toEqual(
    expect.arrayContaining([
      ["root", `token ${tokenId}, principal root`, "OK"],
      ["leaver", "principal leaver", "OK"],
      ["goner", "principal goner", "OK"],
    ]),
  );
});

it("revokes a token by its id or by the whole of it, of which only the id is written", async () => {
  await using secured = await startSecured();
  const { access, admin } = secured;
  const leaked = await secured.tokenOf("mail", worker);
  const { token } = await access.revokeToken({ tokenId: leaked }, admin);
  expect(leaked).toContain(present(token).tokenId);
  expect(await refusalOf(access.getIdentity({}, as(leaked)))).toMatchObject({ reason: "CREDENTIALS_REVOKED" });
  await refusalOf(access.getPrincipal({ name: leaked }, as(await secured.tokenOf("shop", worker))));
  const { auditEntries } = await access.listAuditEntries({}, admin);
  expect(auditEntries.map(({ resource }) => resource)).toContain(`token ${present(token).tokenId}, principal mail`);
  const secret = leaked.slice("sitq_".length + 13);
  expect(JSON.stringify(auditEntries.map(({ resource }) => resource))).not.toContain(secret);
});

it("refuses a call with two tokens, whichever of them is valid", async () => {
  await using secured = await startSecured();
  const token = await secured.tokenOf("mail", worker);
  // Node's client allows one only.
  const options: object = { strictSingleValueFields: false };
  const session = connect(`http://${secured.server.address}`, options);
  onTestFinished(() => session.destroy());
  const outcomeOf = (...tokens: string[]) => {
    const authorization = tokens.map((each) => `Bearer ${each}`);
    const headers: object = authorization.length === 1 ? { authorization: authorization[0] } : { authorization };
    const { stream, status } = rawCall(session, "/sitq.v1.AccessService/GetIdentity", { ...headers });
    stream.end(frame(new Uint8Array()));
    return status;
  };
  expect(await outcomeOf(token)).toMatchObject({ codeName: "OK" });
  const refusal = { reason: "INVALID_CREDENTIALS", message: expect.stringContaining("more than one") };
  for (const tokens of [
    [token, token],
    [token, "x"],
    ["x", token],
  ]) {
    expect(await outcomeOf(...tokens)).toMatchObject(refusal);
  }
});

it("audits a call with a revoked or expired token by its principal, and one with a wrong secret by none", async () => {
  const clock = createFakeClock();
  await using secured = await startSecured(clock);
  const { access, admin } = secured;
  const timeToLive = { seconds: 60n, nanos: 0 };
  const revoked = await access.createToken({ principal: "mail", grants: [worker] }, admin);
  const expired = await access.createToken({ principal: "mail", timeToLive }, admin);
  const [revokedId, expiredId] = [revoked, expired].map(({ token }) => present(token).tokenId);
  await access.revokeToken({ tokenId: present(revokedId) }, admin);
  clock.advance(61_000);
  for (const { secret } of [revoked, expired]) await refusalOf(access.getIdentity({}, as(secret)));
  await refusalOf(access.getIdentity({}, as(`${revoked.secret.slice(0, -1)}_`)));
  // Refusals are written beside their answers; a stop writes what waits.
  await secured.server.restart();
  const { auditEntries } = await access.listAuditEntries({ refusedOnly: true }, admin);
  const facts = auditEntries.map(({ principal, credential, reason }) => [principal, credential, reason]);
  expect(facts.sort()).toEqual(
    [
      ["", "", "INVALID_CREDENTIALS"],
      ["mail", `token ${expiredId}`, "CREDENTIALS_EXPIRED"],
      ["mail", `token ${revokedId}`, "CREDENTIALS_REVOKED"],
    ].sort(),
  );
});
