import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Client as GrpcClient } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import type { Event } from "../../gen/sitq/v1/event_pb.js";
import { EventService, type GetEventResponse, SubscriptionState } from "../../gen/sitq/v1/event_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import type { Task } from "../../gen/sitq/v1/task_pb.js";
import { clientLogOf } from "../../src/client/connection/client-log.ts";
import { createOutages } from "../../src/client/connection/outages.ts";
import { eventStart, watchEvents } from "../../src/client/index.ts";
import { type Client, createClient } from "../../src/grpc/client/client.ts";
import { faultsMs } from "./harness/data/database-faults.ts";
import { createHistory, type History } from "./harness/history.ts";
import { type EventRemains, judgeEvents, type Subscriber } from "./harness/judge-events.ts";
import { startKillHarness } from "./harness/kill-harness.ts";
import { type PublishRecord, publishSome } from "./harness/publishers.ts";
import { type StreamWorker, startStreamWorker } from "./harness/stream-worker.ts";
import { answerOf, untilAnswered } from "./harness/until-answered.ts";
import { writeFaults } from "./harness/write-faults.ts";

/** How often the server is killed: SITQ_CRASH_EVENT_KILLS, 3 by default; `npm run torture -- kill` takes 10. */
const kills = Number(process.env.SITQ_CRASH_EVENT_KILLS ?? 3);
const longestLifeMs = 1_200;
/** So many waits of 20 seconds the end of a delivery may take. */
const mostWaits = 6;

const all: Subscriber = { name: "all", matches: () => true, isEarly: true };
const orders: Subscriber = { name: "orders", matches: (type) => type.startsWith("order."), isEarly: true };
const ordered: Subscriber = { name: "ordered", matches: () => true, isEarly: true };
/** Made half-way, from the earliest event on: it catches up while the server is killed. */
const late: Subscriber = { name: "late", matches: (type) => type === "parcel.sent", isEarly: false };
const subscribers = [all, orders, ordered, late];

it(
  `loses no event and delivers none twice through ${kills} kills`,
  async () => {
    const harness = await startKillHarness();
    const { channel, random } = harness;
    const events = createClient(EventService, channel);
    const history = createHistory();
    const subscribe = ({ name }: Subscriber, types: string[], orderingKey = "") =>
      untilAnswered(history, () => {
        const retryPolicy = { initialBackoff: durationFromMs(20), maxBackoff: durationFromMs(200) };
        const subscription = { name, filter: { types }, orderingKey, maxAttempts: 50, retryPolicy };
        return events.createSubscription({ subscription, start: eventStart("earliest") }, { timeoutMs: 5_000 });
      });
    await subscribe(all, []);
    await subscribe(orders, ["order.*"]);
    await subscribe(ordered, [], "subject");

    const stopPublishing = new AbortController();
    const published = new Map<string, PublishRecord>();
    const load = { channel, history, published, random, stop: stopPublishing.signal };
    const publishing = [publishSome(load, "p1", 1), publishSome(load, "p2", 1), publishSome(load, "b1", 20)];
    const workers = subscribers.map(({ name }, index) =>
      workOff(harness.from(index), name, random.chance.bind(random)),
    );
    const watcher = watch(channel);

    for (let kill = 0; kill < kills; kill++) {
      await harness.started();
      await pause(random.next() * longestLifeMs);
      if (kill === Math.floor(kills / 2)) void subscribe(late, ["parcel.sent"]);
      const acknowledged = () => {
        const answered = [...published.values()].filter(({ positions }) => positions.length > 0);
        return { requestIds: [], completed: 0, eventIds: answered.map(({ id }) => id) };
      };
      await harness.kill(acknowledged());
      history.kills++;
      await harness.hurt(history.kills, kills, acknowledged);
    }

    // The healing: everything that was begun is answered, and every delivery comes to its end.
    await harness.started();
    stopPublishing.abort();
    await Promise.all(publishing);
    await subscribe(late, ["parcel.sent"]);
    const remains = await readAll(channel, history, () => watcher.seen(published.size));
    await watcher.stop();
    await Promise.all(workers.map((worker) => worker.stop()));

    const faults = judgeEvents(history, published, subscribers, remains);
    const recovered = [...published.values()].filter((record) => record.recovered).length;
    process.stdout.write(
      `crash test of events, seed ${harness.seed}: ${kills} kills, ${remains.listed.length} events, ${recovered} recovered, ` +
        `${[...remains.reports.values()].flatMap(({ deliveries }) => deliveries).length} deliveries\n`,
    );
    writeFaults({ ...faults });
    expect(faults).toEqual({ lost: [], unexpected: [], duplicated: [] });
    expect(remains.listed.length).toBeGreaterThan(kills * 2);

    const eventIds = remains.listed.map(({ id }) => id);
    expect(await harness.stop({ requestIds: [], completed: 0, eventIds })).toEqual([]);
  },
  120_000 + kills * 15_000 + faultsMs,
);

/** A worker of one subscription's queue; now and then an attempt fails, or takes a while. */
function workOff(address: readonly string[], queue: string, chance: (share: number) => boolean): StreamWorker {
  const worker = startStreamWorker({
    address,
    workerId: `worker-${queue}`,
    queues: [queue],
    capacity: 16,
    events: {
      task({ id: taskId, attempt }) {
        const fails = chance(0.1);
        setTimeout(
          () => {
            if (worker.inHand.get(taskId) !== attempt) return;
            worker.settle(
              { taskId, attempt },
              fails ? { case: "failed", value: {} } : { case: "completed", value: {} },
            );
          },
          chance(0.1) ? 100 : 0,
        );
      },
    },
  });
  return worker;
}

/** Somebody who watches from the first event on, and reconnects. */
function watch(channel: GrpcClient) {
  const ids: string[] = [];
  const leave = new AbortController();
  let look: () => void = () => undefined;
  const watching = (async () => {
    const outages = createOutages("the server", clientLogOf("silent"));
    const client = { event: createClient(EventService, channel), outages };
    for await (const { id } of watchEvents(client, { start: "earliest", signal: leave.signal })) {
      ids.push(id);
      look();
    }
  })();
  return {
    /** What it saw, once that are so many. */
    seen(n: number): Promise<readonly string[]> {
      return new Promise((resolve) => {
        look = () => {
          if (ids.length >= n) resolve(ids);
        };
        look();
      });
    },
    async stop() {
      leave.abort();
      await watching;
    },
  };
}

/** Waits for the end of every delivery, and reads everything. */
async function readAll(
  channel: GrpcClient,
  history: History,
  watched: () => Promise<readonly string[]>,
): Promise<EventRemains> {
  const events = createClient(EventService, channel);
  const queue = createClient(QueueService, channel);
  for (const { name } of subscribers) await untilLive(channel, history, name);
  const listed: Event[] = [];
  let pageToken = "";
  do {
    const page = await answerOf(history, () => events.listEvents({ pageSize: 1_000, pageToken }));
    listed.push(...page.events);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");

  const reports = new Map<string, GetEventResponse>();
  const tasks: Task[] = [];
  const left = [...listed];
  const readReports = async () => {
    for (let event = left.pop(); event !== undefined; event = left.pop()) {
      const { id: eventId } = event;
      const { deliveries } = await answerOf(history, () => events.getEvent({ eventId }));
      for (const { taskId } of deliveries) {
        const task = await endOf(queue, history, taskId);
        if (task?.origin?.subscription === ordered.name) tasks.push(task);
      }
      reports.set(eventId, await answerOf(history, () => events.getEvent({ eventId })));
    }
  };
  await Promise.all(Array.from({ length: 16 }, readReports));
  return { listed, reports, watched: [...(await watched())], ordered: tasks };
}

/** Waits for the end of a task, which may have a long line of others before it; in the end it is answered as it is. */
async function endOf(client: Client<typeof QueueService>, history: History, taskId: string): Promise<Task | undefined> {
  const wait = { taskId, timeout: durationFromMs(20_000) };
  for (let waits = 1; ; waits++) {
    const { task } = await answerOf(history, () => client.awaitTask(wait, { timeoutMs: 30_000 }));
    if (task?.finishTime !== undefined || waits === mostWaits) return task;
  }
}

/** Waits until a subscription has caught up: its state has no feed, and the server may be new. */
async function untilLive(channel: GrpcClient, history: History, name: string): Promise<void> {
  const events = createClient(EventService, channel);
  for (;;) {
    const { subscriptions } = await answerOf(history, () => events.listSubscriptions({}));
    const found = subscriptions.find((subscription) => subscription.name === name);
    if (found?.state === SubscriptionState.LIVE) return;
    await pause(20);
  }
}
