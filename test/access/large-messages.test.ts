/** Large messages of callers whose credentials are not known yet. */

import type { ClientHttp2Session } from "node:http2";
import { expect, it } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import { frame, openHttp2, rawCall } from "../rpc/rpc-harness.ts";
import { as, type SecuredServer, startSecured } from "./secured-server.ts";

const producer = { role: Role.PRODUCER, queues: ["mail"] };
const path = "/sitq.v1.QueueService/EnqueueBatch";
const mib = 1_048_576;

/** Begins a message of 4 MiB that never ends, and answers the refusal and how much of it the server has let come. */
async function begin(session: ClientHttp2Session, authorization?: string, method = path) {
  const { stream, status } = rawCall(session, method, authorization === undefined ? {} : { authorization });
  stream.write(frame(Buffer.alloc(4 * mib - 10), { length: 4 * mib }));
  return { error: await status, stream };
}

/** As many items of 100 KB as fit into a message. */
const requests = Array.from({ length: 40 }, () => ({
  task: {
    queue: "mail",
    type: "send",
    payload: { kind: { case: "binary" as const, value: Buffer.alloc(100_000, "a") } },
  },
}));

it("refuses callers without good credentials before the rest of a large message is read, and audits it", async () => {
  await using secured = await startSecured();
  const { server, access, admin } = secured;
  const token = await secured.tokenOf("mail", producer);
  const guess = `Bearer ${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
  const session = openHttp2(server.address);
  for (let n = 0; n < 5; n++) {
    const { error, stream } = await begin(session);
    expect(error).toMatchObject({ codeName: "UNAUTHENTICATED", reason: "CREDENTIALS_REQUIRED" });
    expect(stream.writableFinished).toBe(false);
  }
  const guessed = await begin(session, guess);
  expect(guessed.error).toMatchObject({ codeName: "UNAUTHENTICATED", reason: "INVALID_CREDENTIALS" });
  // A method that is not there, and one without credentials.
  expect((await begin(session, undefined, "/grpc.health.v1.Health/Missing")).error.reason).toBe("UNKNOWN_METHOD");

  await access.createToken({ principal: "mail" }, admin);
  const { auditEntries } = await access.listAuditEntries({ refusedOnly: true }, admin);
  const refusals = auditEntries.filter(({ method }) => method === path);
  // Repeated ones of a minute are one more entry when it is over.
  expect(refusals.map(({ reason }) => reason).toSorted()).toEqual(["CREDENTIALS_REQUIRED", "INVALID_CREDENTIALS"]);
});

it("takes large messages of a producer, many at a time, beside one of the same address that has none", async () => {
  await using secured = await startSecured(undefined, { maxUnfinishedBytes: 8 * mib });
  const token = await secured.tokenOf("mail", producer);
  const batches = Array.from({ length: 12 }, () => secured.server.queue.enqueueBatch({ requests }, as(token)));
  const session = openHttp2(secured.server.address);
  expect((await begin(session)).error.reason).toBe("CREDENTIALS_REQUIRED");
  for (const { results } of await Promise.all(batches)) expect(results).toHaveLength(requests.length);
});

it("counts what is unfinished for each principal", async () => {
  await using secured = await startSecured(undefined, { maxUnfinishedBytes: mib });
  const session = await fillBy(secured, await secured.tokenOf("greedy", producer));
  const other = await secured.tokenOf("other", producer);
  const { results } = await secured.server.queue.enqueueBatch({ requests }, as(other));
  expect(results).toHaveLength(requests.length);
  session.destroy();
});

/** Takes all the room that the principal of a token has. */
async function fillBy({ server }: SecuredServer, token: string): Promise<ClientHttp2Session> {
  const session = openHttp2(server.address);
  const { stream } = rawCall(session, path, { authorization: `Bearer ${token}` });
  await new Promise((resolve) => stream.write(frame(Buffer.alloc(4 * mib - 10), { length: 4 * mib }), resolve));
  await new Promise((resolve) => session.ping(resolve));
  return session;
}
