import { expect, test } from "vitest";
import {
  distancesFrom,
  type Endpoint,
  localitiesOf,
  placeOf,
  placesOf,
  withinBounds,
} from "../../../src/rpc/xds/localities.ts";

const nowhere = { region: "", zone: "" };

let lastIp = 0;

function endpoint(changes: Partial<Endpoint> = {}): Endpoint {
  return {
    ip: `10.0.0.${++lastIp}`,
    port: 80,
    weight: 1,
    health: "healthy",
    reportsLoad: false,
    ...nowhere,
    ...changes,
  };
}

test("where an instance runs stands in its metadata", () => {
  expect(placeOf({ metadata: { region: "eu", zone: "eu-1", version: "7" } })).toEqual({ region: "eu", zone: "eu-1" });
  expect(placeOf({ metadata: {} })).toEqual(nowhere);
});

test("endpoints of one weight are one locality, which has a name and the sum of the weights", () => {
  const [a, b, c] = [endpoint({ weight: 3 }), endpoint(), endpoint()];
  expect(localitiesOf([a, b, c], { byWeight: true, client: nowhere })).toEqual([
    { ...nowhere, subZone: "weight-3", weight: 3, priority: 0, endpoints: [a] },
    { ...nowhere, subZone: "weight-1", weight: 2, priority: 0, endpoints: [b, c] },
  ]);
  expect(localitiesOf([a, b, c], { byWeight: false, client: nowhere })).toEqual([
    { ...nowhere, subZone: "all", weight: 1, priority: 0, endpoints: [a, b, c] },
  ]);
});

test("without weights all that are as far from the client are one locality, so that none has a larger share", () => {
  const near = [endpoint({ region: "eu", zone: "1", weight: 1 }), endpoint({ region: "eu", zone: "1", weight: 1_000 })];
  const inRegion = [endpoint({ region: "eu", zone: "2" }), endpoint({ region: "eu", zone: "3", weight: 1_000 })];
  const far = [endpoint({ region: "us", zone: "1" }), endpoint({ region: "ap", zone: "1" })];
  const all = { subZone: "all", weight: 1 };
  const endpoints = [...near, ...inRegion, ...far];
  expect(localitiesOf(endpoints, { byWeight: false, client: nowhere })).toEqual([
    { ...all, ...nowhere, priority: 0, endpoints },
  ]);
  expect(localitiesOf(endpoints, { byWeight: false, client: { region: "eu", zone: "1" } })).toEqual([
    { ...all, region: "eu", zone: "1", priority: 0, endpoints: near },
    { ...all, region: "eu", zone: "", priority: 1, endpoints: inRegion },
    { ...all, region: "", zone: "1", priority: 2, endpoints: far },
  ]);
});

test("what cannot be called has no share, and a locality of it still has the least weight there is", () => {
  const [sick, well] = [endpoint({ health: "unhealthy", weight: 9 }), endpoint({ weight: 9 })];
  const [mixed] = localitiesOf([sick, well], { byWeight: true, client: nowhere });
  expect(mixed).toMatchObject({ weight: 9, endpoints: [sick, well] });
  const [draining] = localitiesOf([endpoint({ health: "draining", weight: 9 })], { byWeight: true, client: nowhere });
  expect(draining?.weight).toBe(1);
});

test.each<[string, { region: string; zone: string }, string[]]>([
  ["its own zone, then its region, then elsewhere", { region: "eu", zone: "1" }, ["eu/1 0", "eu/2 1", "us/1 2"]],
  ["its region, then elsewhere", { region: "eu", zone: "" }, ["eu/1 0", "eu/2 0", "us/1 1"]],
  ["priorities have no gaps", { region: "us", zone: "1" }, ["us/1 0", "eu/1 1", "eu/2 1"]],
  ["nothing near is all alike", { region: "ap", zone: "9" }, ["eu/1 0", "eu/2 0", "us/1 0"]],
  ["a client that does not say calls all alike", nowhere, ["eu/1 0", "eu/2 0", "us/1 0"]],
  ["a zone is enough", { region: "", zone: "2" }, ["eu/2 0", "eu/1 1", "us/1 1"]],
])("%s", (_name, client, expected) => {
  const endpoints = [
    endpoint({ region: "eu", zone: "1" }),
    endpoint({ region: "eu", zone: "2" }),
    endpoint({ region: "us", zone: "1" }),
  ];
  const shown = localitiesOf(endpoints, { byWeight: true, client }).map(
    ({ region, zone, priority }) => `${region}/${zone} ${priority}`,
  );
  expect(shown.toSorted()).toEqual(expected.toSorted());
});

test("clients that are as far from every place have one key, and there are hardly more keys than places", () => {
  const endpoints = ["1", "2", "3"].flatMap((zone) => [
    endpoint({ region: "eu", zone }),
    endpoint({ region: "eu", zone }),
  ]);
  const places = placesOf(endpoints);
  expect(places).toHaveLength(3);
  const keys = new Set<string>();
  for (let n = 0; n < 100; n++) {
    for (const region of ["", "eu", `region-${n}`]) {
      for (const zone of ["", "1", "2", "3", `zone-${n}`]) keys.add(distancesFrom({ region, zone }, places));
    }
  }
  expect(keys.size).toBeLessThanOrEqual(2 * places.length + 3);
});

test("weights that are too much together become smaller in proportion, and none becomes nothing", () => {
  const few = [endpoint({ weight: 1_000_000 }), endpoint()];
  expect(withinBounds(few)).toBe(few);
  const many = withinBounds([...Array.from({ length: 6_000 }, () => endpoint({ weight: 1_000_000 })), endpoint()]);
  expect(many.reduce((sum, { weight }) => sum + weight, 0)).toBeLessThanOrEqual(0xffff_ffff);
  expect(many.at(0)?.weight).toBeGreaterThan(700_000);
  expect(many.at(-1)?.weight).toBe(1);
});
