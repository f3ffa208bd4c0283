import { status as statusCode } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import {
  awaitTask,
  connect,
  createProducer,
  createWorkflow,
  jsonTask,
  watchWorkflow,
  workflow,
} from "../../../src/client/index.ts";
import { startSecured } from "../../access/secured-server.ts";
import { startServer } from "../../harness/server.ts";
import { recordLog } from "../log-recorder.ts";

const plan = workflow("w").step("a", jsonTask<null, null>("t", { queue: "q" }), null);

it("waits for a place where too many watches are open", async () => {
  await using server = await startServer({ config: { maxWatchers: 1 } });
  const recorded = recordLog();
  const client = connect({ address: server.address, log: recorded.log });
  const { id } = await createWorkflow(client, plan);
  const first = watchWorkflow(client, id);
  expect((await first.next()).value).toMatchObject({ workflow: { id } });

  const second = watchWorkflow(client, id);
  const shown = second.next();
  expect(await recorded.next()).toMatch(
    /^warn: the watch of the workflow .* refused, trying again: .* \(TOO_MANY_WATCHERS\)$/,
  );
  await first.return();
  expect((await shown).value).toMatchObject({ workflow: { id } });
  await second.return();
  client.close();
});

it("waits where its principal has too many connections, with a short call and with one that waits", async () => {
  await using secured = await startSecured(undefined, { maxConnectionsPerPrincipal: 1 });
  const { address } = secured.server;
  const token = await secured.tokenOf("shop", { role: 1, queues: ["*"] });
  const first = connect({ address, token });
  await first.queue.enqueue({ task: { queue: "q", type: "t" } });

  const recorded = recordLog();
  const second = connect({ address, token, log: recorded.log });
  const producer = createProducer(second);
  const enqueued = producer.enqueue("q", "t");
  expect(await recorded.next()).toMatch(/^warn: an enqueue: refused, trying again: .* \(TOO_MANY_CONNECTIONS\)$/);
  first.close();
  const { id } = await enqueued;
  // Over a connection of its own.
  const awaited = awaitTask(second, id, { timeoutMs: 30_000 });
  expect(await recorded.next()).toMatch(/the wait for the task .* \(TOO_MANY_CONNECTIONS\)$/);
  await producer.close();
  second.close();
  await expect(awaited).rejects.toMatchObject({ reason: "CLOSED" });
});

it("gives up soon where the token is far too large for the server", async () => {
  await using secured = await startSecured();
  const client = connect({ address: secured.server.address, token: `sitq_${"x".repeat(40_000)}`, log: "silent" });
  const producer = createProducer(client, { retryTimeoutMs: 3_600_000 });
  await expect(producer.enqueue("q", "t")).rejects.toMatchObject({
    code: statusCode.UNAVAILABLE,
    message: expect.stringContaining("the call's headers are too large"),
  });
  await producer.close();
  client.close();
});
