import { expect, it } from "vitest";
import { type Cluster, noCluster, type PeerEvent } from "../../src/cluster/cluster.ts";
import { Listeners } from "../../src/cluster/listeners.ts";
import { type News, noNews } from "../../src/cluster/news.ts";
import { partsOf, type WorkerFacts, type WorkerNews } from "../../src/cluster/registry-news.ts";
import type { Instance } from "../../src/domain/instance.ts";
import { InstanceTable } from "../../src/registry/instance-table.ts";
import { WorkerMembers } from "../../src/registry/worker-members.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

const base = { serviceName: "inventory", capacity: 4, weight: 4, metadata: {}, connectMs: 0, lastSeenMs: 0, load: 0 };
const workerOf = (workerId: string, changes: Partial<WorkerFacts> = {}): WorkerFacts => {
  return { ...base, workerId, address: `${workerId}:80`, ...changes };
};
const present = (facts: WorkerFacts): WorkerNews => ({ ...facts, facts });
const gone = (workerId: string): WorkerNews => ({ serviceName: "inventory", workerId, facts: null });

/** The workers of server 1, which hears what a test says of the others. */
function startWorkers() {
  const clock = createFakeClock();
  const onNews: ((news: News, serverId: number) => void)[] = [];
  const onPeer: ((serverId: number, event: PeerEvent) => void)[] = [];
  const listeners = new Listeners(clock);
  const cluster: Cluster = {
    ...noCluster,
    serverId: 1,
    listeners,
    tell: (news) => listeners.tell(news),
    beginsWith: (news) => listeners.beginWith(news),
    onNews: (listener) => void onNews.push(listener),
    onPeer: (listener) => void onPeer.push(listener),
  };
  const changes: string[] = [];
  const nameOf = (instance: Instance | null) => instance && `${instance.address} ${instance.state}`;
  const table = new InstanceTable(() => 0, {
    onChange: ({ before, after }) => void changes.push(`${nameOf(before)} > ${nameOf(after)}`),
    onRemoved: () => undefined,
  });
  return {
    clock,
    listeners,
    workers: new WorkerMembers(table, cluster, clock),
    changes,
    shown: () => table.members("inventory").map(({ address, load }) => `${address} ${load}`),
    peer(serverId: number, event: PeerEvent) {
      for (const listener of onPeer) listener(serverId, event);
    },
    /** Server `serverId` says this of its workers. */
    say(serverId: number, workers: readonly WorkerNews[], allWorkers = false) {
      const news = new Map(workers.map((each) => [`${each.serviceName}/${each.workerId}`, each]));
      for (const listener of onNews) listener({ ...noNews, workers: news, allWorkers }, serverId);
    },
  };
}

it("keeps the workers of a server that is not heard for now, and then those that it still names", () => {
  const { peer, say, shown, changes } = startWorkers();
  peer(2, "heard");
  say(2, [present(workerOf("a")), present(workerOf("b"))], true);
  peer(2, "lost");
  expect(shown()).toEqual(["a:80 0", "b:80 0"]);
  peer(2, "heard");
  say(2, [present(workerOf("b", { load: 3 }))]);
  expect(shown()).toEqual(["a:80 0", "b:80 3"]);
  say(2, [present(workerOf("c"))], true);
  expect(shown()).toEqual(["b:80 3", "c:80 0"]);
  // Its load is no change that watchers see.
  expect(changes.filter((change) => change.includes("b:80"))).toEqual(["null > b:80 healthy"]);
});

it("drops the workers of a server that has ended, and no others", () => {
  const { peer, say, shown } = startWorkers();
  say(2, [present(workerOf("a"))]);
  say(3, [present(workerOf("b"))]);
  peer(2, "ended");
  expect(shown()).toEqual(["b:80 0"]);
});

it("shows a worker that is here rather than where it was, and there again when it has left", () => {
  const { workers, say, shown } = startWorkers();
  const here = workerOf("a", { address: "here:80" });
  say(2, [present(workerOf("a"))]);
  workers.added(here);
  say(2, [present(workerOf("a", { connectMs: 5 }))]);
  expect(shown()).toEqual(["here:80 0"]);
  workers.removed(here);
  expect(shown()).toEqual(["a:80 0"]);
  workers.added(here);
  say(2, [gone("a")]);
  expect(shown()).toEqual(["here:80 0"]);
  workers.removed(here);
  expect(shown()).toEqual([]);
});

it("lets those that begin to listen know of all its workers, and then of each change", () => {
  const { workers, listeners, clock } = startWorkers();
  const a = { ...workerOf("a") };
  workers.added(a);
  workers.added(workerOf("b"));
  const listener = listeners.add(() => undefined);
  const taken = () => {
    clock.advance(250);
    const { workers: news, allWorkers } = listener.take() ?? noNews;
    return { news: [...news.values()].map(({ workerId, facts }) => `${workerId} ${facts?.load}`), allWorkers };
  };
  expect(taken()).toEqual({ news: ["a 0", "b 0"], allWorkers: true });
  expect(taken()).toEqual({ news: [], allWorkers: false });
  (a as { load: number }).load = 2;
  expect(taken()).toEqual({ news: ["a 2"], allWorkers: false });
  workers.removed(a);
  expect(taken()).toEqual({ news: ["a undefined"], allWorkers: false });
});

it("cuts what there is into messages, and says in the last one that this is all", () => {
  const many = Array.from({ length: 450 }, (_, n) => present(workerOf(`w${n}`)));
  const workers = new Map(many.map((each) => [each.workerId, each]));
  const parts = partsOf({ ...noNews, workers, allWorkers: true }, noNews);
  expect(parts.map((part) => [part.workers.size, part.allWorkers])).toEqual([
    [200, false],
    [200, false],
    [50, false],
    [0, true],
  ]);
  expect(parts.flatMap((part) => [...part.workers.values()])).toEqual(many);
  expect(partsOf(noNews, noNews)).toEqual([noNews]);
});
