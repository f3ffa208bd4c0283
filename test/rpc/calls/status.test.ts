import { status as statusCode } from "@grpc/grpc-js";
import fc from "fast-check";
import { expect, expectTypeOf, it } from "vitest";
import { type ErrorKind, type ErrorReason, SitqError } from "../../../src/domain/errors.ts";
import { silentLog } from "../../../src/domain/log.ts";
import { callErrorFrom, callErrorFromStatus } from "../../../src/grpc/client/call-error.ts";
import { statusObjectOf, statusOf } from "../../../src/rpc/calls/status.ts";

/** One reason of each kind, and the code that it goes out with. */
const examples: Readonly<Record<ErrorKind, readonly [ErrorReason, string]>> = {
  invalid: ["INVALID_FIELD", "INVALID_ARGUMENT"],
  not_found: ["TASK_NOT_FOUND", "NOT_FOUND"],
  already_exists: ["DUPLICATE_TASK", "ALREADY_EXISTS"],
  precondition: ["TASK_FINISHED", "FAILED_PRECONDITION"],
  exhausted: ["QUEUE_FULL", "RESOURCE_EXHAUSTED"],
  unavailable: ["DRAINING", "UNAVAILABLE"],
  timed_out: ["HEARTBEAT_TIMEOUT", "DEADLINE_EXCEEDED"],
  aborted: ["WORKER_REPLACED", "ABORTED"],
  unimplemented: ["UNKNOWN_METHOD", "UNIMPLEMENTED"],
  data_loss: ["DATA_LOSS", "DATA_LOSS"],
  unauthenticated: ["CREDENTIALS_REQUIRED", "UNAUTHENTICATED"],
  denied: ["ROLE_REQUIRED", "PERMISSION_DENIED"],
};

it.each(Object.entries(examples))("gives the kind %s its canonical code", (kind, [reason, codeName]) => {
  const error = new SitqError(reason, "no");
  expect(error.kind).toBe(kind);
  expect(callErrorFromStatus(statusOf(error, silentLog))).toMatchObject({ codeName, reason, message: "no" });
});

it("carries the field, the facts and the delay, and no details that say nothing", () => {
  const details = { field: "task.queue", metadata: { limit: "10" }, retryAfterMs: 250.5 };
  const full = statusOf(new SitqError("QUEUE_FULL", "full", details), silentLog);
  expect(full.details.map(({ typeUrl }) => typeUrl.split(".").at(-1))).toEqual([
    "ErrorInfo",
    "BadRequest",
    "RetryInfo",
  ]);
  expect(callErrorFromStatus(full)).toMatchObject({ ...details, retryAfterMs: 251 });
  const bare = statusOf(new SitqError("QUEUE_FULL", "full"), silentLog);
  expect(bare.details.map(({ typeUrl }) => typeUrl.split(".").at(-1))).toEqual(["ErrorInfo"]);
});

it("is the same for grpc-js", () => {
  const object = statusObjectOf(new SitqError("STALE", "gone"), silentLog);
  expect(object).toMatchObject({ code: statusCode.FAILED_PRECONDITION, details: "gone" });
  expect(callErrorFrom(Object.assign(new Error("9 FAILED_PRECONDITION: gone"), object))).toMatchObject({
    reason: "STALE",
  });
});

it("answers whatever else is thrown with a fixed text and an id that the log has", () => {
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      const lines: Readonly<Record<string, unknown>>[] = [];
      const log = { error: (facts: Readonly<Record<string, unknown>>) => lines.push(facts) };
      const error = callErrorFromStatus(statusOf(thrown, log, "/a/B"));
      const id = error.metadata.error_id;
      expect(error).toMatchObject({
        codeName: "INTERNAL",
        reason: "INTERNAL",
        message: `Internal error. The server's log has the details under id ${id}.`,
        metadata: { error_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      });
      expect(lines).toEqual([{ error: thrown, errorId: id, method: "/a/B" }]);
    }),
  );
});

it("never gives two failures one id", () => {
  const id = () => callErrorFromStatus(statusOf(new Error("bug"), silentLog)).metadata.error_id;
  expect(id()).not.toBe(id());
  expectTypeOf(id).returns.toEqualTypeOf<string | undefined>();
});
