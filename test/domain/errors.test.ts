import { describe, expect, it } from "vitest";
import { invalidField, quoted, SitqError } from "../../src/domain/errors.ts";

describe("SitqError", () => {
  it("knows its kind by its reason", () => {
    expect(new SitqError("QUEUE_FULL", "full")).toMatchObject({ reason: "QUEUE_FULL", kind: "exhausted", details: {} });
    expect(new SitqError("TASK_NOT_FOUND", "gone").kind).toBe("not_found");
    expect(new SitqError("STORE_FAILED", "broken")).toBeInstanceOf(Error);
  });

  it("moves its field below a prefix, and keeps everything else", () => {
    const error = new SitqError("PAYLOAD_TOO_LARGE", "too large", {
      field: "task.payload",
      metadata: { limit: "1" },
      retryAfterMs: 5,
    });
    const moved = error.under("requests[3]");
    expect(moved).toMatchObject({
      reason: "PAYLOAD_TOO_LARGE",
      kind: "invalid",
      message: "too large",
      details: { field: "requests[3].task.payload", metadata: { limit: "1" }, retryAfterMs: 5 },
    });
    expect(error.details.field).toBe("task.payload");
    expect(moved.under("batch").details.field).toBe("batch.requests[3].task.payload");
  });

  it("names the prefix itself when it has no field", () => {
    expect(new SitqError("QUEUE_FULL", "full").under("requests[0]").details).toEqual({ field: "requests[0]" });
  });
});

describe("invalidField", () => {
  it("names the field in its text and in its details", () => {
    const error = invalidField("task.queue", "is required");
    expect(error).toMatchObject({ reason: "INVALID_FIELD", kind: "invalid", details: { field: "task.queue" } });
    expect(error.message).toBe("task.queue: is required");
  });

  it("quotes the value at fault", () => {
    expect(invalidField("task.queue", "may hold letters", "bad queue").message).toBe(
      'task.queue "bad queue": may hold letters',
    );
  });

  it.each([
    ["a\nb\u0000", '"a\\nb\\u0000"'],
    ["\u001b[31m\u009b", '"\\u001b[31m\\u009b"'],
    ["gpj.\u202eexe", '"gpj.\\u202eexe"'],
    ["\u2028", '"\\u2028"'],
    ["\ud800", '"\\ud800"'],
    ["grün 🙂", '"grün 🙂"'],
    ["x".repeat(64), `"${"x".repeat(64)}"`],
    ["x".repeat(1_000_000), `"${"x".repeat(63)}…"`],
  ])("quotes %j on one line, printable and bounded", (value, expected) => expect(quoted(value)).toBe(expected));
});
