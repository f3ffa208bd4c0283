import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { type CompensableStep, inCompensationOrder } from "../../../console/src/views/workflows/compensations.ts";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";

function step(stepId: string, changes: Partial<CompensableStep> & { readonly endMs?: number }): CompensableStep {
  const { endMs = 0, ...others } = changes;
  return {
    stepId,
    dependsOn: [],
    state: TaskState.COMPLETED,
    compensateWith: `undo.${stepId}`,
    finishTime: timestampFromMs(endMs),
    ...others,
  };
}

test("the step that was completed last is compensated first, each before what it depends on", () => {
  const steps = [
    step("reserve", { endMs: 10 }),
    step("charge", { endMs: 40, dependsOn: ["reserve"] }),
    step("pack", { endMs: 30, dependsOn: ["reserve"] }),
    step("notify", { endMs: 50, compensateWith: "" }),
    step("ship", { state: TaskState.FAILED, dependsOn: ["charge", "pack"] }),
  ];
  expect(inCompensationOrder(steps).map(({ stepId }) => stepId)).toEqual(["charge", "pack", "reserve"]);
});

test("of steps that ended in the same millisecond the one behind goes first", () => {
  const steps = [step("first", { endMs: 10 }), step("second", { endMs: 10, dependsOn: ["first"] })];
  expect(inCompensationOrder(steps).map(({ stepId }) => stepId)).toEqual(["second", "first"]);
});
