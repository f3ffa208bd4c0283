import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { InstanceSet } from "../../../console/src/views/services/instance-set.ts";
import {
  InstanceChangeType,
  InstanceState,
  WatchInstancesResponseSchema,
} from "../../../gen/sitq/v1/registry_service_pb.js";

const { ADDED, UPDATED, REMOVED } = InstanceChangeType;
const { HEALTHY, DRAINING, UNHEALTHY } = InstanceState;

function message(
  changes: readonly (readonly [type: InstanceChangeType, instanceId: string, state?: InstanceState])[],
  rest: { readonly snapshot?: boolean; readonly resumeToken?: string } = { resumeToken: "t" },
) {
  return create(WatchInstancesResponseSchema, {
    ...rest,
    changes: changes.map(([type, instanceId, state = HEALTHY]) => ({
      type,
      instance: { serviceName: "stock", instanceId, state },
    })),
  });
}

const ids = (set: InstanceSet) => set.list().map(({ instanceId }) => instanceId);

test("instances come, change and go; unhealthy ones are the first", () => {
  const set = new InstanceSet();
  set.take(
    message(
      [
        [ADDED, "b"],
        [ADDED, "a"],
        [ADDED, "c"],
      ],
      { snapshot: true, resumeToken: "1" },
    ),
  );
  expect(ids(set)).toEqual(["a", "b", "c"]);
  expect(
    set.take(
      message(
        [
          [UPDATED, "b", UNHEALTHY],
          [REMOVED, "a"],
        ],
        { resumeToken: "2" },
      ),
    ),
  ).toBe(true);
  expect(ids(set)).toEqual(["b", "c"]);
  expect(set.resume()).toBe("2");
});

test("those that drain come after unhealthy ones, and before healthy ones", () => {
  const set = new InstanceSet();
  set.take(
    message(
      [
        [ADDED, "a"],
        [ADDED, "b", DRAINING],
        [ADDED, "c", UNHEALTHY],
        [ADDED, "d", DRAINING],
      ],
      { snapshot: true, resumeToken: "1" },
    ),
  );
  expect(ids(set)).toEqual(["c", "b", "d", "a"]);
});

test("a snapshot takes the place of all when it is whole, and not before", () => {
  const set = new InstanceSet();
  set.take(message([[ADDED, "old"]], { snapshot: true, resumeToken: "1" }));
  expect(set.take(message([[ADDED, "a"]], { snapshot: true }))).toBe(false);
  expect(set.take(message([[ADDED, "b"]], {}))).toBe(false);
  expect(ids(set)).toEqual(["old"]);
  expect(set.take(message([], { resumeToken: "9" }))).toBe(true);
  expect(ids(set)).toEqual(["a", "b"]);
});

test("a snapshot that breaks off leaves what was known, from where the watch goes on", () => {
  const set = new InstanceSet();
  set.take(message([[ADDED, "old"]], { snapshot: true, resumeToken: "1" }));
  set.take(message([[ADDED, "a"]], { snapshot: true }));
  expect(set.resume()).toBe("1");
  set.take(message([[ADDED, "b"]], { resumeToken: "2" }));
  expect(ids(set)).toEqual(["b", "old"]);
});
