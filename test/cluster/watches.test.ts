/** Streams at one server that show, or have to end for, what happens at another one. */

import { readFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { Role } from "../../gen/sitq/v1/access_pb.js";
import type { WorkResponse } from "../../gen/sitq/v1/worker_service_pb.js";
import { as } from "../access/secured-server.ts";
import { publish, watchEvents } from "../harness/calls/events.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, span } from "../harness/calls/tasks.ts";
import { start, stepsIn, watchWorkflow } from "../harness/calls/workflows.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { startProxy } from "../harness/proxy.ts";
import { type Refusal, refusalOf } from "../harness/refusal.ts";
import type { TestServer } from "../harness/server.ts";
import { freePort } from "../harness/server-process.ts";
import { createTempDir } from "../harness/temp-dir.ts";
import { watch } from "../harness/watch.ts";
import { register, watchInstances } from "../registry/registry-harness.ts";
import { clustersForTests } from "./cluster-harness.ts";

/** Nobody listens there: the servers do not hear each other. */
const unheard = { host: "127.0.0.1", port: 1 };

describe.skipIf(isPostgresMissing)("streams at several servers on one database", () => {
  const startCluster = clustersForTests();

  /** Two servers that hear each other until `freeze` lets nothing pass any more; their connections stay. */
  async function startBehindProxies() {
    const ports = [await freePort(), await freePort()];
    const proxies = await Promise.all(ports.map((port) => startProxy(`127.0.0.1:${port}`)));
    onTestFinished(async () => {
      for (const proxy of proxies) await proxy.stop();
    });
    const advertised = proxies.map(({ address }) => Number(address.split(":")[1]));
    const at = (port: number | undefined) => ({ host: "127.0.0.1", port: port ?? 0 });
    const servers = await startCluster(2, (each) => ({
      config: { listen: at(ports[each]), advertise: at(advertised[each]) },
    }));
    await Promise.all(servers.map((server) => server.logged("another server is heard")));
    return { servers, freeze: () => proxies.forEach((proxy) => void proxy.freeze()) };
  }

  it.each([
    ["is heard", async () => ({ servers: await startCluster(2), freeze: () => undefined })],
    [
      "is not heard",
      async () => ({ servers: await startCluster(2, { config: { advertise: unheard } }), freeze: () => undefined }),
    ],
    ["falls silent meanwhile", startBehindProxies],
  ])(
    "show tasks, workflows, instances and events of a server that %s, in order, nothing missed",
    async (_, startTwo) => {
      const { servers, freeze } = await startTwo();
      const [first, second] = servers as [TestServer, TestServer];
      const { id } = await start(first, { steps: stepsIn("orders", { pay: "", ship: "pay" }) });
      const workflow = await watchWorkflow(second, { id });
      const tasks = await watch(second);
      const instances = await watchInstances(second);
      const events = await watchEvents(second);
      const waits = enqueue(first, { queue: "waited" }).then(({ id: taskId }) =>
        Promise.all([taskId, second.queue.awaitTask({ taskId, timeout: span(20_000) })]),
      );

      freeze();
      const worker = await connectWorker(first, { queues: ["orders", "waited"] });
      for (let taken = 0; taken < 3; taken++) await worker.complete(...(await worker.take(1)));
      await register(first, { instanceId: "a" });
      await instances.saw("ADDED a:HEALTHY");
      await first.registry.deregisterInstance({ serviceName: "inventory", instanceId: "a" });
      for (const eventId of ["e1", "e2"]) await publish(first, { id: eventId });

      expect(await workflow.ended).toBeNull();
      const isOfWorkflow = (line: string) => line.startsWith("workflow");
      expect(workflow.lines.filter((line) => !isOfWorkflow(line))).toEqual([
        "pay RUNNING 1",
        "pay COMPLETED 1",
        "ship PENDING 0",
        "ship RUNNING 1",
        "ship COMPLETED 1",
      ]);
      expect(workflow.lines.filter(isOfWorkflow)).toEqual(["workflow RUNNING", "workflow COMPLETED"]);
      const [waited, { task }] = await waits;
      expect(task?.id).toBe(waited);
      await instances.saw("REMOVED a:HEALTHY");
      expect(instances.changes).toEqual(["ADDED a:HEALTHY", "REMOVED a:HEALTHY"]);
      expect(await events.ids(2)).toEqual(["e1", "e2"]);
      expect(tasks.statesOf(waited)).toEqual(["PENDING", "RUNNING", "COMPLETED"]);
    },
  );

  it.each([
    ["is heard", null],
    ["is not heard", unheard],
  ])(
    "end when a server that %s revokes their token, deletes their principal or takes its role",
    async (_, advertise) => {
      const dir = await createTempDir();
      onTestFinished(() => dir.remove());
      const bootstrapTokenFilePath = dir.file("admin.token");
      const config = { advertise, auth: "on", bootstrapTokenFilePath } as const;
      const [first, second] = (await startCluster(2, { config })) as [TestServer, TestServer];
      const admin = as((await readFile(bootstrapTokenFilePath, "utf8")).trim());
      const { task } = await first.queue.enqueue({ task: { queue: "waits", type: "t" } }, admin);
      const grants = [{ role: Role.WORKER, queues: ["orders"] }, viewer];
      const principals = ["revoked", "deleted", "narrowed"];
      const opened = await Promise.all(
        principals.map(async (principal) => {
          const { token, secret } = await first.access.createToken({ principal, grants }, admin);
          const own = as(secret);
          const wait = refusalOf(second.queue.awaitTask({ taskId: task?.id ?? "" }, own));
          const watching = second.queue.watchTasks({}, own)[Symbol.asyncIterator]();
          await watching.next();
          const stream = second.worker.work(own);
          stream.send({ message: { case: "hello", value: { workerId: principal, queues: ["orders"], capacity: 1 } } });
          const messages = stream.responses[Symbol.asyncIterator]();
          await messages.next();
          const ends = [wait, refusalOf(watching.next()), refusalOf(nextBut("heartbeat", messages))];
          return { tokenId: token?.tokenId ?? "", ends };
        }),
      );
      const [revoked, deleted, narrowed] = opened;
      await first.access.revokeToken({ tokenId: revoked?.tokenId ?? "" }, admin);
      await first.access.deletePrincipal({ name: "deleted" }, admin);
      const narrower = { name: "narrowed", grants: [{ role: Role.WORKER, queues: ["others"] }] };
      await first.access.updatePrincipal({ principal: narrower, updateMask: { paths: ["grants"] } }, admin);
      const reasonsOf = async (ends: readonly Promise<Refusal>[] = []) =>
        (await Promise.all(ends)).map((end) => end.reason);
      expect(await reasonsOf(revoked?.ends)).toEqual([
        "CREDENTIALS_REVOKED",
        "CREDENTIALS_REVOKED",
        "CREDENTIALS_REVOKED",
      ]);
      expect(await reasonsOf(deleted?.ends)).toEqual([
        "INVALID_CREDENTIALS",
        "INVALID_CREDENTIALS",
        "INVALID_CREDENTIALS",
      ]);
      expect(await reasonsOf(narrowed?.ends)).toEqual(["ROLE_REQUIRED", "ROLE_REQUIRED", "OUT_OF_SCOPE"]);
    },
  );
});

const viewer = { role: Role.VIEWER, queues: ["*"] };

/** The next message of a worker's stream that is of another kind. */
async function nextBut(kind: string, messages: AsyncIterator<WorkResponse>): Promise<WorkResponse> {
  for (;;) {
    const { value, done } = await messages.next();
    if (done === true) throw new Error("the stream ended cleanly");
    if (value.message.case !== kind) return value;
  }
}
