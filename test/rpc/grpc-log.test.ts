import { experimental, logVerbosity, Metadata, setLogger } from "@grpc/grpc-js";
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

it("says nothing of what stands in a header that is left out", () => {
  const lines: unknown[] = [];
  onTestFinished(() => setLogger({}));
  const warn = () => lines.push("a warning");
  sendGrpcLogTo({ warn, debug: (facts, message) => lines.push([facts, message]) });
  Metadata.fromHttp2Headers({ authorization: "Bearer canary\u00e9", canary: "\u00e9" });
  const line = [{ grpc: "Failed to add metadata entry" }, "grpc-js reports"];
  expect(lines).toEqual([line, line]);
});
