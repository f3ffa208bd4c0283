import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { SubscriptionSchema, SubscriptionState } from "../../gen/sitq/v1/event_service_pb.js";
import { subscriptionTable } from "../../src/cli/subscriptions/subscription-table.ts";
import { createPaint } from "../../src/cli/terminal/paint.ts";

test("a table of subscriptions says what waits and in what time they have caught up", () => {
  const nowMs = Date.UTC(2026, 10, 29, 12);
  const at = (secondsAgo: number) => timestampFromMs(nowMs - secondsAgo * 1_000);
  const base = { state: SubscriptionState.LIVE, createTime: at(86_400), position: "0f3k9q2m7xa" };
  const subscriptions = [
    create(SubscriptionSchema, {
      ...base,
      name: "billing",
      queue: "billing",
      orderingKey: "subject",
      filter: { types: ["order.*", "payment.**"] },
      waitingCount: 12_400n,
      failedCount: 3n,
      oldestWaitingTime: at(240),
      deliveryRate: 153.4,
      catchUpDuration: durationFromMs(125_000),
    }),
    create(SubscriptionSchema, {
      ...base,
      name: "mail",
      queue: "mail",
      waitingCount: 7n,
      oldestWaitingTime: at(3_600),
      deliveryRate: 0.016,
    }),
    create(SubscriptionSchema, {
      ...base,
      name: "search",
      queue: "s",
      catchUpDuration: durationFromMs(0),
      deliveryRate: 2,
    }),
    create(SubscriptionSchema, { ...base, name: "stock", queue: "stock", state: SubscriptionState.PAUSED }),
  ];
  const paint = createPaint(false);
  expect(`\n${subscriptionTable(subscriptions, { paint, width: 160 }, nowMs)}\n`).toMatchInlineSnapshot(`
    "
    SUBSCRIPTION  QUEUE    EVENTS               ORDERED BY  STATE   WAITING  OLDEST  FAILED    RATE  CATCH-UP  AGE
    billing       billing  order.*, payment.**  subject     live     12,400      4m       3   153/s        2m  24h
    mail          mail     everything                       live          7      1h       0  0.02/s     never  24h
    search        s        everything                       live          0       -       0     2/s         -  24h
    stock         stock    everything                       paused        0       -       0     0/s         ?  24h
    "
  `);
  expect(`\n${subscriptionTable(subscriptions, { paint, width: 100 }, nowMs)}\n`).toMatchInlineSnapshot(`
    "
    SUBSCRIPTION  QUEUE    EVENTS               STATE   WAITING  OLDEST  FAILED    RATE  CATCH-UP  AGE
    billing       billing  order.*, payment.**  live     12,400      4m       3   153/s        2m  24h
    mail          mail     everything           live          7      1h       0  0.02/s     never  24h
    search        s        everything           live          0       -       0     2/s         -  24h
    stock         stock    everything           paused        0       -       0     0/s         ?  24h
    "
  `);
});
