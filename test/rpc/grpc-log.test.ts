import { experimental, logVerbosity, setLogger } from "@grpc/grpc-js";
import { expect, it, onTestFinished } from "vitest";
import { sendGrpcLogTo } from "../../src/rpc/grpc-log.ts";

it("sends what grpc-js says to the log, and nothing to standard error", () => {
  const lines: unknown[] = [];
  onTestFinished(() => setLogger({}));
  sendGrpcLogTo({
    warn: (facts, message) => lines.push(["warn", facts, message]),
    debug: (facts, message) => lines.push(["debug", facts, message]),
  });
  experimental.log(logVerbosity.ERROR, "bad header", "line\nbreak");
  expect(lines).toEqual([["warn", { grpc: "bad header line\nbreak" }, "grpc-js reports a problem"]]);
  // bind refuses it in words.
  lines.length = 0;
  experimental.log(logVerbosity.ERROR, "No address added out of total 1 resolved");
  expect(lines).toEqual([["debug", { grpc: "No address added out of total 1 resolved" }, "grpc-js reports"]]);
});
