import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idOfKey, keyAt, keyOfId, msOfKey } from "../../src/domain/ids.ts";

const key = fc.maxSafeNat();

describe("ids", () => {
  it("go to keys and back", () => {
    fc.assert(fc.property(key, (value) => keyOfId(idOfKey(value)) === value));
  });

  it("sort as their keys do", () => {
    fc.assert(fc.property(key, key, (a, b) => Math.sign(a - b) === (idOfKey(a) < idOfKey(b) ? -1 : a === b ? 0 : 1)));
  });

  it("tell the moment of their making", () => {
    const moment = fc.integer({ min: Date.UTC(2025, 0), max: Date.UTC(2094, 0) });
    fc.assert(fc.property(moment, (ms) => msOfKey(keyAt(ms)) === ms));
  });

  it("are exact for as long as is promised", () => {
    expect(Number.isSafeInteger(keyAt(Date.UTC(2094, 0)) + 4_096)).toBe(true);
  });

  it("answer null for what is no id", () => {
    const others = [
      "",
      "0",
      "0000000000",
      "000000000000",
      "0000000000O",
      "0000000000u",
      "0000000000é",
      "zzzzzzzzzzz",
      "-1",
    ];
    expect(others.map(keyOfId)).toEqual(others.map(() => null));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const found = keyOfId(text);
        return found === null || idOfKey(found) === text;
      }),
    );
  });
});
