/** What each server lists of those that share its database. */

import { describe, expect, it, onTestFinished } from "vitest";
import type { Server } from "../../gen/sitq/v1/admin_service_pb.js";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueue, ms, present } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import type { TestServer } from "../harness/server.ts";
import { startServer } from "../harness/server-process.ts";
import { scrape } from "../metrics/scrape.ts";
import { clustersForTests } from "./cluster-harness.ts";

describe.skipIf(isPostgresMissing)("the servers of one database", () => {
  const startCluster = clustersForTests();
  const two = async () => (await startCluster(2)) as [TestServer, TestServer];
  const list = async ({ admin }: TestServer) => (await admin.listServers({})).servers;
  const idOf = async (server: TestServer) => present((await list(server)).find(({ answering }) => answering)).id;

  /** Asks a server for the list until it is as it should be. */
  async function listed(server: TestServer, isSo: (servers: readonly Server[]) => boolean): Promise<Server[]> {
    for (;;) {
      const servers = await list(server);
      if (isSo(servers)) return servers;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it("are listed by each of them, with the one that leads, by the numbers of their log lines", async () => {
    const servers = await two();
    const [atFirst, atSecond] = await Promise.all(servers.map(list));
    const addresses = servers.map(({ address }) => address);
    for (const [at, found] of [atFirst, atSecond].entries()) {
      expect(found?.map(({ address }) => address)).toEqual(addresses);
      expect(found?.map(({ answering }) => answering)).toEqual([at === 0, at === 1]);
      expect(found?.map(({ leading }) => leading)).toEqual([true, false]);
      for (const { heard, answering, startTime, expireTime, sinceTime } of found ?? []) {
        expect(heard).toBe(true);
        expect(ms(expireTime)).toBeGreaterThan(ms(startTime));
        if (answering) expect(sinceTime).toBeUndefined();
        else expect(ms(sinceTime)).toBeGreaterThanOrEqual(ms(startTime));
      }
    }
    const facts = ({ id, version, startTime }: Server) => ({ id, version, startTime });
    expect(atFirst?.map(facts)).toEqual(atSecond?.map(facts));
    const heard = servers[0].log.find(({ message }) => message === "another server is heard");
    expect(heard?.facts).toMatchObject({ server: atFirst?.[1]?.id, address: addresses[1] });
  });

  it("say their number in the log as they begin to serve", async () => {
    const [first] = (await startCluster(1)) as [TestServer];
    await using second = await startServer({ db: "", storeUrl: present(first.config.storeUrl) });
    const [, listedSecond] = await listed(first, (servers) => servers.length === 2);
    await second.logged(`"msg":"serving"`);
    const record = second.log.split("\n").find((line) => line.includes(`"msg":"serving"`)) ?? "";
    expect(JSON.parse(record)).toMatchObject({ address: second.address, server: Number(listedSecond?.id) });
  });

  it("are listed with their workers, which say where they are", async () => {
    const [first, second] = await two();
    const worker = await connectWorker(second, { workerId: "far" });
    await enqueue(first);
    const held = await worker.take(1);
    const found = await listed(first, (servers) => servers.some(({ inFlight }) => inFlight === 1n));
    expect(found).toMatchObject([
      { address: first.address, workers: 0, inFlight: 0n },
      { address: second.address, workers: 1, inFlight: 1n },
    ]);
    for (const { worker: workers } of [first, second]) {
      expect((await workers.listWorkers({})).workers).toMatchObject([{ id: "far", serverId: found[1]?.id }]);
    }
    const { worker: drained } = await first.worker.drainWorker({ workerId: "far" });
    expect(drained?.serverId).toBe(found[1]?.id);
    await worker.complete(...held);
  });

  it("are listed without one that was stopped, and another one leads", async () => {
    const [first, second] = await two();
    const id = await idOf(second);
    await first.app.close(0);
    const left = await listed(second, (servers) => servers.length === 1 && servers[0]?.leading === true);
    expect(left).toMatchObject([{ id, address: second.address, answering: true }]);
  });

  it("are listed though they are not heard, until they have ended", async () => {
    const [first] = (await startCluster(1)) as [TestServer];
    const killed = await startServer({ db: "", storeUrl: present(first.config.storeUrl) });
    onTestFinished(async () => void (await killed.kill()));
    const [, before] = await listed(first, (servers) => servers[1]?.heard === true);
    await killed.kill();
    const [, unheard] = await listed(first, (servers) => servers[1]?.heard !== true);
    expect(unheard).toMatchObject({ id: before?.id, address: killed.address, leading: false, heard: false });
    expect(ms(unheard?.sinceTime)).toBeGreaterThanOrEqual(ms(before?.sinceTime));
    await first.logged("another server has ended, or is elsewhere now");
    expect(await list(first)).toMatchObject([{ address: first.address, leading: true }]);
  }, 60_000);

  it("are counted for metrics, each by each", async () => {
    const servers = await startCluster(3, { config: { metrics: "on" } });
    const leading: (number | undefined)[] = [];
    for (const server of servers) {
      const { value } = await scrape(server);
      expect(value('sitq_servers{state="heard"}')).toBe(3);
      expect(value('sitq_servers{state="unheard"}')).toBe(0);
      leading.push(value("sitq_server_leading"));
    }
    expect(leading).toEqual([1, 0, 0]);
  });

  it("each count the workers of a queue at all of them, and of all workers their own", async () => {
    const [first, second] = (await startCluster(2, { config: { metrics: "on" } })) as [TestServer, TestServer];
    await connectWorker(first, { workerId: "near", capacity: 5 });
    await connectWorker(second, { workerId: "far", capacity: 3 });
    await listed(first, (servers) => servers[1]?.workers === 1);
    const { value } = await scrape(first);
    expect(value('sitq_queue_workers{queue="orders"}')).toBe(2);
    expect(value('sitq_queue_capacity{queue="orders"}')).toBe(8);
    expect(value('sitq_workers{state="connected"}')).toBe(1);
    expect(value("sitq_work_streams")).toBe(1);
    expect(value("sitq_worker_capacity")).toBe(5);
  });

  it("each show the gauges of a queue by its name, whichever has taken its first task", async () => {
    const servers = await startCluster(2, { config: { metrics: "on" } });
    const [first, second] = servers as [TestServer, TestServer];
    for (const server of servers) await scrape(server);
    await enqueue(first, { queue: "mail" });
    await enqueue(second, { queue: "orders" });
    for (const server of servers) {
      const { value, labelValues } = await scrape(server);
      expect(labelValues("sitq_queue_tasks", "queue")).toEqual(["mail", "orders"]);
      expect(value('sitq_queue_tasks{queue="mail",state="pending"}')).toBe(1);
      expect(value('sitq_queue_tasks{queue="orders",state="pending"}')).toBe(1);
    }
  });

  it("are listed and counted as not heard where they cannot reach each other", async () => {
    const cut = { config: { advertise: { host: "127.0.0.1", port: 1 }, metrics: "on" } } as const;
    const [first] = (await startCluster(2, cut)) as [TestServer, TestServer];
    expect(await listed(first, (servers) => servers.length === 2)).toMatchObject([
      { address: "127.0.0.1:1", answering: true, heard: true },
      { address: "127.0.0.1:1", answering: false, heard: false, sinceTime: expect.anything() },
    ]);
    const { value } = await scrape(first);
    expect(value('sitq_servers{state="heard"}')).toBe(1);
    expect(value('sitq_servers{state="unheard"}')).toBe(1);
  });
});
