import { readFileSync } from "node:fs";
import { status as statusCode } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { isRetryable } from "../../src/client/connection/is-retryable.ts";
import { errorReasons } from "../../src/domain/errors.ts";
import { CallError } from "../../src/grpc/client/call-error.ts";

it("lists every reason of a refusal, and no other", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, reason]) => reason);
  // INTERNAL is no refusal: rpc gives it to what nobody foresaw.
  expect(listed.toSorted()).toEqual([...errorReasons, "INTERNAL"].toSorted());
});

it("has a class in Python for every reason", () => {
  const classes = readFileSync(new URL("../../clients/python/src/sitq/reasons.py", import.meta.url), "utf8");
  const named = [...classes.matchAll(/^class (\w+)\(/gm)].map(([, name = ""]) =>
    name.replaceAll(/(?<!^)(?=[A-Z])/g, "_").toUpperCase(),
  );
  expect(named.toSorted()).toEqual([...errorReasons, "INTERNAL"].toSorted());
});

it("has a constant in Java for every reason, with its code", () => {
  const source = readFileSync(
    new URL("../../clients/java/src/main/java/com/sitq/client/Reason.java", import.meta.url),
    "utf8",
  );
  const [ofServer = ""] = source.split("Of this client");
  const constants = [...ofServer.matchAll(/^ {2}([A-Z_]+)\(Code\.([A-Z_]+)\)/gm)].map(
    ([, name, code]) => `${name} ${code}`,
  );
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` \| ([A-Z_]+) \|/gm)].map(([, name, code]) => `${name} ${code}`);
  expect(constants.toSorted()).toEqual(listed.toSorted());
});

it("says of every reason when it is answered, whether the call may be repeated, and what to do", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const [head = [], , ...rows] = [...page.matchAll(/^\|(.*)\|$/gm)].map(([, row = ""]) =>
    row.split(" | ").map((cell) => cell.trim()),
  );
  expect(head).toEqual(["reason", "code", "when", "may be repeated", "what to do"]);
  const incomplete = rows.filter(
    (row) => row.length !== head.length || row.includes("") || !/^(yes|wait|later|no)$/.test(row[3] ?? ""),
  );
  expect(incomplete).toEqual([]);
});

it("says what the SDK repeats by itself", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const [sentence = ""] = /The SDKs repeat by themselves.*?they throw/s.exec(page) ?? [];
  const thrown = [...sentence.matchAll(/`([A-Z_]+)`/g)].map(([, reason]) => reason);
  // Only streams of workers meet it, and they are opened again whatever ends them.
  const others = [...thrown, "STREAM_REPLACED"];
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([A-Z_]+) \| .* \| (yes|wait|later|no) \| /gm)];
  expect(rows).toHaveLength(errorReasons.length + 1);
  for (const [, reason = "", code = "", mayBeRepeated = ""] of rows) {
    const error = new CallError("", { code: statusCode[code as keyof typeof statusCode], reason });
    const isWanted = ["yes", "wait"].includes(mayBeRepeated) && !others.includes(reason);
    expect([reason, isRetryable(error)]).toEqual([reason, isWanted]);
  }
});
