import { toJson } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { toTimestamp } from "../../../src/rpc/convert/times.ts";

test.each([
  [0, "1970-01-01T00:00:00Z"],
  [-1, "1969-12-31T23:59:59.999Z"],
  [Number.MAX_SAFE_INTEGER, "9999-12-31T23:59:59Z"],
  [-Number.MAX_SAFE_INTEGER, "0001-01-01T00:00:00Z"],
])("the stored time %i is %s, which every client can read", (ms, expected) => {
  expect(toJson(TimestampSchema, toTimestamp(ms))).toBe(expected);
});
