import { expect, it } from "vitest";
import { connect, type QueueOverviewRecord } from "../../../src/client/index.ts";
import { enqueueMany } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";

it("reads what is wrong, and every queue, as plain objects", async () => {
  await using server = await startServer();
  await enqueueMany(server, 2, { queue: "mail" });
  const client = connect({ address: server.address });
  const { problems, totals } = await client.status.get({ maxWaitMs: 60_000 });
  expect(problems).toMatchObject([
    { severity: "CRITICAL", kind: "NO_WORKER", subject: { kind: "queue", name: "mail" }, count: 2, subjectCount: 1 },
  ]);
  expect(problems[0]?.sinceTime).toBeInstanceOf(Date);
  expect(totals).toMatchObject({ queues: 1, pending: 2, workers: 0 });
  const queues: QueueOverviewRecord[] = [];
  for await (const queue of client.status.queues()) queues.push(queue);
  expect(queues).toMatchObject([{ name: "mail", paused: false, statistics: { pending: 2 } }]);
  expect(queues[0]?.history?.enqueued.at(-1)).toBe(2);
  expect(queues[0]).toMatchObject({ problem: "NO_WORKER", problemSeverity: "CRITICAL" });

  await enqueueMany(server, 9, { queue: "Mail.bulk" });
  await enqueueMany(server, 9, { queue: "other" });
  const names: string[] = [];
  const listed = client.status.queues({ order: "problems_first", nameContains: "mail", pageSize: 1 });
  for await (const { name } of listed) names.push(name);
  expect(names).toEqual(["Mail.bulk", "mail"]);
  client.close();
});
