import { expect, test } from "vitest";
import { Nacks } from "../../../src/rpc/xds/nacks.ts";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { scrape } from "../../metrics/scrape.ts";
import { openStream, register } from "./ads-harness.ts";

const inventory = ["inventory"];

function start() {
  const clock = createFakeClock();
  const lines: Readonly<Record<string, unknown>>[] = [];
  const nacks = new Nacks(clock, { warn: (facts) => void lines.push(facts) });
  const add = (message: string, ...services: string[]) =>
    nacks.add({ type: "cluster", services, message, node: "shop-1" }, "127.0.0.1:1");
  return { clock, lines, nacks, add };
}

test("a client that refuses for hours is logged now and then, and counted each time", () => {
  const { clock, lines, nacks, add } = start();
  for (let minute = 0; minute < 180; minute++) {
    for (let n = 0; n < 10; n++) {
      add("no ring", "inventory");
      add("no filter", "inventory");
    }
    clock.advance(60_000);
  }
  expect(lines).toHaveLength(2 * 18);
  expect(nacks.of("inventory")).toMatchObject({ count: 3_600, message: "no filter" });
});

test("reasons that are never the same have a bounded number of lines, which say how many are left out", () => {
  const { clock, lines, nacks, add } = start();
  for (let n = 0; n < 5_000; n++) add(`reason ${n}`, "inventory");
  expect(lines).toHaveLength(60);
  clock.advance(60_000);
  add("the last", "inventory");
  expect(lines.at(-1)).toMatchObject({ reason: "the last", left_out: 4_940 });
  expect(nacks.of("inventory")?.count).toBe(5_001);
});

test("one line names a few services of many, and those are remembered that were refused last", () => {
  const { lines, nacks, add } = start();
  add("first", "orders");
  add("no", ...Array.from({ length: 1_000 }, (_, n) => `service-${n}`));
  expect(lines[1]).toMatchObject({
    services: ["service-0", "service-1", "service-2", "service-3", "service-4"],
    more: 995,
  });
  expect(nacks.of("orders")).toBeNull();
  expect(nacks.of("service-999")).toMatchObject({ count: 1 });
  add("nothing was sent");
  expect(lines[2]).toMatchObject({ services: [], reason: "nothing was sent" });
});

test("each push that is refused counts once, is not sent again, and stands in the metrics", async () => {
  await using server = await startServer({ config: { metrics: "on" } });
  await register(server, "a");
  const stream = openStream(server);
  let response = await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: inventory, node: { id: "shop-1" } });
  for (let n = 0; n < 5; n++) {
    stream.refuse(response, inventory, "no such locality");
    stream.refuse(response, inventory, "no such locality");
    await register(server, "b", { weight: n + 1 });
    response = await stream.next();
  }
  const { service } = await server.registry.getService({ name: "inventory" });
  expect(service?.xds).toMatchObject({ refusals: 5n, lastRefusal: "no such locality" });
  expect(server.log.filter(({ message }) => message.startsWith("a client of xDS has refused"))).toHaveLength(1);
  const { value } = await scrape(server);
  expect(value("sitq_xds_streams")).toBe(1);
  expect(value(`sitq_xds_responses_total{type="assignment"}`)).toBe(6);
  expect(value(`sitq_xds_refusals_total{type="assignment"}`)).toBe(5);
});

test("only services that it was sent are counted as refused, each with its last reason", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  const names = ["inventory", "nothing-here"];
  stream.refuse(await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: names }), names, "no");
  await server.logged("a client of xDS has refused");
  expect(server.log.filter(({ level }) => level === "warn")).toMatchObject([{ facts: { services: inventory } }]);
});
