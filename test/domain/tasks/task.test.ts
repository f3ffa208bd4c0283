import { describe, expect, it } from "vitest";
import { cancelledError, isFinished, isRetryable, taskStates } from "../../../src/domain/tasks/task.ts";

describe("states", () => {
  it("are finished, or can be put back, or both, or neither", () => {
    expect(taskStates.filter(isFinished)).toEqual(["completed", "failed", "cancelled"]);
    expect(taskStates.filter(isRetryable)).toEqual(["scheduled", "failed", "cancelled"]);
  });

  it("are in the order of the numbers of the contract", () => {
    expect(taskStates).toEqual(["blocked", "scheduled", "pending", "running", "completed", "failed", "cancelled"]);
  });
});

describe("cancelledError", () => {
  it("gives the reason, or says what happened", () => {
    expect(cancelledError("no longer wanted")).toEqual({
      type: "CANCELLED",
      message: "no longer wanted",
      stackTrace: "",
    });
    expect(cancelledError("").message).toBe("The task was cancelled.");
  });
});
