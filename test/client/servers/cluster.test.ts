import { describe, expect, it, onTestFinished } from "vitest";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connect, createProducer, createWorker } from "../../../src/client/index.ts";
import { clustersForTests } from "../../cluster/cluster-harness.ts";
import { isPostgresMissing } from "../../harness/databases/postgres.ts";
import { createMailbox } from "../mailbox.ts";

describe.skipIf(isPostgresMissing)("several servers on one database", () => {
  const startCluster = clustersForTests();

  it("a worker goes to the other server when its own stops, with the task that it runs, which is run once", async () => {
    const servers = await startCluster(2);
    const client = connect({ address: servers.map(({ address }) => address).join(), log: "silent" });
    const producer = createProducer(client);
    const connects = createMailbox<string>("connect");
    const begun = createMailbox<number>("begun attempt");
    const goOn = Promise.withResolvers<void>();
    const worker = createWorker(client, {
      queues: ["q"],
      handlers: {
        async slow(_payload, { task, signal }) {
          begun.put(task.attempt);
          await goOn.promise;
          return signal.aborted;
        },
        quick: () => "done",
      },
      events: { onConnect: connects.put },
    });
    onTestFinished(async () => {
      goOn.resolve();
      await worker.stop({ graceMs: 0 });
      await producer.close();
      client.close();
    });
    await worker.start();
    await connects.next();
    const slow = await producer.enqueue("q", "slow", null);
    await begun.next();
    const [here] = await holding(servers);
    const [there] = servers.filter((server) => server !== here);
    const closing = here?.app.close(60_000);
    await connects.next();
    goOn.resolve();
    expect(await producer.awaitResult(slow)).toBe(false);
    await Promise.all([closing, here?.app.close(0)]);
    expect(await producer.awaitResult(await producer.enqueue("q", "quick", null))).toBe("done");
    const { task } = (await there?.queue.getTask({ taskId: slow.id })) ?? expect.unreachable("there is one server");
    expect(task).toMatchObject({ state: TaskState.COMPLETED, attempt: 1 });
    expect(task?.attempts.map(({ outcome }) => outcome)).toEqual([AttemptOutcome.COMPLETED]);
    expect(begun.all).toEqual([1]);
  });
});

/** The servers that a worker with a task is connected to. */
async function holding<T extends Awaited<ReturnType<ReturnType<typeof clustersForTests>>>[number]>(
  servers: readonly T[],
) {
  const lists = await Promise.all(servers.map((server) => server.worker.listWorkers({})));
  return servers.filter((_, index) => lists[index]?.workers.some(({ inFlight }) => inFlight > 0));
}
